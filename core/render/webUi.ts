/** What the web UI runs: a peer that serves RethinkDB's pages to a Unix socket alone, and nginx, the only listener, in front. */
import { createHmac } from "node:crypto";
import { canonicalAddress, isAddress } from "../../args/values/addresses";
import { WEB_UI_PORT } from "../plan/ports";
import type { WebUiPlan } from "../plan/webUi";

/** Inside its container, above 1024: nginx has no capability. */
export const UI_PORT = WEB_UI_PORT.internal;
/** Where the UI is found beside `/`. */
export const UI_PREFIX = "/rethinkdb/";
export const UI_SOCKET = "/socket/http.sock";
const HTTP_PORT = 8080;

export const PEER_FILES = ["cluster.key", "cluster.pem", "cluster-ca.pem"] as const;

/**
 * The peer listens on loopback of its own network namespace; what leads out is a socket in a volume. A namespace that two
 * containers share is left behind when the first restarts, and after a restart of the engine the second is not started
 * again at all ("cannot join network of a non running container"). Perl is part of every Debian.
 */
export const PEER_SCRIPT = [
  `perl -e "$1" "$2" "$3" & relay=$!`,
  `shift 3`,
  `rethinkdb "$@" & peer=$!`,
  `trap 'kill "$peer" "$relay" 2>/dev/null' TERM INT`,
  `wait -n`,
  `kill "$peer" "$relay" 2>/dev/null`,
  `wait`,
].join("\n");

/** Arguments: path of the socket, port. One process for each connection and direction; the one that ends first closes its half. */
export const RELAY_SCRIPT = [
  `use strict; use IO::Socket::UNIX; use IO::Socket::INET;`,
  `my ($path, $port) = @ARGV; unlink $path; umask 0177; $SIG{CHLD} = "IGNORE";`,
  `my $door = IO::Socket::UNIX->new(Local => $path, Listen => 128) or die "cannot listen: $!";`,
  `while (my $in = $door->accept) {`,
  `  if (fork) { close $in; next }`,
  `  close $door;`,
  `  my $out = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or exit 1;`,
  `  my ($from, $to) = fork ? ($in, $out) : ($out, $in);`,
  `  while (sysread $from, my $bytes, 65536) {`,
  `    for (my $at = 0; $at < length $bytes;) { $at += syswrite($to, $bytes, length($bytes) - $at, $at) || exit 1 }`,
  `  }`,
  `  shutdown $to, 1; exit;`,
  `}`,
].join("\n");

export function renderPeerCommand(fingerprint: string): readonly string[] {
  const file = (name: (typeof PEER_FILES)[number]): string => `/tls/${fingerprint}/${name}`;
  return [
    ...[RELAY_SCRIPT, UI_SOCKET, String(HTTP_PORT)],
    ...["proxy", "--log-file", "/data/log_file", "--config-file", "/tls/join.conf", "--initial-password", "auto"],
    ...["--bind-http", "127.0.0.1", "--http-port", String(HTTP_PORT), "--bind-driver", "127.0.0.1"],
    // Its addresses then include loopback; a peer without is a danger to the others (rethinkdb#6880).
    ...["--bind-cluster", "all"],
    ...["--cluster-tls-key", file("cluster.key"), "--cluster-tls-cert", file("cluster.pem")],
    ...["--cluster-tls-ca", file("cluster-ca.pem"), "--tls-min-protocol", "TLSv1.2", "--no-update-check"],
  ];
}

/** What a password and its hash are seasoned with, so that the same password gives the same files at every run. */
export function uiSecrets(seed: string, password: string): { salt: Buffer; session: string; mark: string } {
  const derive = (what: string): Buffer => createHmac("sha256", seed).update(`web ui ${what}\0${password}`).digest();
  return {
    salt: derive("salt").subarray(0, 16),
    session: derive("session").toString("base64url"),
    // Public: tells one password from another and nothing about it.
    mark: derive("mark").toString("hex").slice(0, 16),
  };
}

/** What the browser's Host header has to be, as a key of nginx's map. */
function hostPattern(name: string): string {
  if (isAddress(name)) return name.includes(":") ? `[${canonicalAddress(name)}]` : name;
  // For one label, as in a certificate. nginx reads a `*` in no other place.
  return name.startsWith("*.") ? `~*^[^.]+${name.slice(1).replaceAll(".", "\\.")}$` : name;
}

/**
 * A session is a cookie that only this password gives: the slow hash is paid at logins alone, and only logins are
 * limited. Every value that varies was checked before: nothing here needs quoting.
 * @param session 256 bits in letters, digits, `-` and `_`
 */
export function renderNginx(plan: Pick<WebUiPlan, "sans">, fingerprint: string, session: string): string {
  const folder = `/tls/${fingerprint}`;
  const hosts = [...new Set([...plan.sans.dnsNames, ...plan.sans.ipAddresses].map(hostPattern))];
  return `worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  server_tokens off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  client_max_body_size 64m;
  map_hash_bucket_size 512;

  map $host $known_host {
    default 0;
${hosts.map((host) => `    "${host}" 1;`).join("\n")}
  }
  map "$http_origin|https://$http_host" $known_origin {
    default 0;
    "~^\\|" 1;
    "~^(?<origin>.+)\\|\\k<origin>$" 1;
  }
  map $cookie_rethinkdb_ui $in_session {
    default 0;
    "${session}" 1;
  }
  map $in_session $realm {
    default "RethinkDB";
    1 off;
  }
  map "$in_session$http_authorization" $login {
    default "";
    "~^0." $binary_remote_addr;
  }
  map $remote_user $new_session {
    default "rethinkdb_ui=${session}; Path=/; Secure; HttpOnly; SameSite=Strict";
    "" "";
  }
  limit_req_zone $login zone=logins:1m rate=20r/m;
  limit_req_status 429;

  server {
    listen ${String(UI_PORT)} ssl;
    ssl_certificate ${folder}/ui.pem;
    ssl_certificate_key ${folder}/ui.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    if ($known_host = 0) { return 421; }
    if ($known_origin = 0) { return 403; }

    location / {
      limit_req zone=logins burst=10 nodelay;
      auth_basic $realm;
      auth_basic_user_file ${folder}/passwords;
      add_header Set-Cookie $new_session;
      add_header X-Frame-Options DENY always;
      add_header X-Content-Type-Options nosniff always;
      add_header Referrer-Policy no-referrer always;
      add_header Cache-Control no-store always;
      add_header Content-Security-Policy "default-src 'self' 'unsafe-inline' 'unsafe-eval'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'" always;
      rewrite ^${UI_PREFIX}(.*)$ /$1 break;
      proxy_pass http://unix:${UI_SOCKET};
      proxy_http_version 1.1;
      proxy_set_header Host 127.0.0.1;
      proxy_set_header Authorization "";
      proxy_set_header Cookie "";
      proxy_set_header Origin "";
      proxy_hide_header Set-Cookie;
      proxy_hide_header Cache-Control;
      proxy_buffering off;
      proxy_read_timeout 1h;
    }
  }
}
`;
}
