/** The web UI: everyone who gets past nginx is admin. */
import { X509Certificate } from "node:crypto";
import { splitPems } from "../../../../core/pki/readCa";
import { found, held, needless, type Probe, tryEach, UP } from "../../probe";
import { NotTried, type Scene } from "../../scene/scene";
import { type HttpAnswer, httpGet } from "../../wire/clear";
import { offerOldVersion, offerWeakCiphers, OLD_VERSIONS, WEAKNESSES } from "../../wire/clientHello";
import { isRefusal, verify, withTls, wordsOf } from "../../wire/tls";
import type { Position } from "../network/positions";
import { nearTo, onOpen } from "../network/positions";

const UI_PORT = 8443;

type WebUi = NonNullable<Scene["declared"]["webUi"]>;

interface Place {
  readonly ui: WebUi;
  readonly position: Position;
  /** Which a browser dials. */
  readonly name: string;
}

/** Where a browser finds it; where it is published nowhere, on the cluster's network. */
async function placeOf(scene: Scene, ui: WebUi): Promise<Place> {
  const declared = scene.declared.containers.find(({ role }) => role === "ui");
  if (declared === undefined) throw new NotTried("the stack's state has no container of it");
  const { host, container } = scene.findRunning(declared);
  const address = ui.publish?.address ?? container.NetworkSettings.Networks[scene.declared.network]?.IPAddress ?? "";
  const vantage = ui.publish === null ? await scene.onClusterNetwork(host) : await nearTo(scene, host, address);
  return {
    ui,
    position: { vantage, host: address, port: ui.publish?.port ?? UI_PORT },
    name: ui.publish?.address ?? ui.container,
  };
}

async function get({ position, name }: Place, lines: readonly string[], host?: string): Promise<HttpAnswer> {
  const authority = host ?? (position.port === UI_PORT ? name : `${name}:${String(position.port)}`);
  const answer = await onOpen(position, (socket) =>
    // What is judged here is the page, not the certificate: web-ui-tls verifies that. No password goes over this session.
    withTls(socket, { rejectUnauthorized: false }, (tls) => httpGet(tls, "/", [`Host: ${authority}`, ...lines])),
  );
  if ("failed" in answer) throw new NotTried(`there is no TLS session: ${wordsOf(answer.failed)}`);
  return answer;
}

function uiProbe(id: string, tried: string, act: (place: Place, scene: Scene) => ReturnType<Probe["run"]>): Probe {
  return {
    id,
    line: "web-ui",
    tried,
    run: async (scene) => {
      const { webUi } = scene.declared;
      if (webUi === null) return [needless("the web UI", "the stack declares none")];
      return tryEach(
        [webUi],
        () => webUi.container,
        async (ui) => act(await placeOf(scene, ui), scene),
      );
    },
  };
}

export const UI_PASSWORD = uiProbe(
  "web-ui-password",
  "asked the web UI for its page without a password and with a wrong one",
  async (place) => {
    const wrong = Buffer.from(`${place.ui.user}:this is no password`).toString("base64");
    const attempts = {
      "no password": [],
      "a wrong password": [`Authorization: Basic ${wrong}`],
      "a made-up session": ["Cookie: rethinkdb_ui=x"],
    };
    const answers = [];
    for (const [what, lines] of Object.entries(attempts))
      answers.push({ what, status: (await get(place, lines)).status });
    const words = answers.map(({ what, status }) => `${what}: HTTP ${String(status)}`).join(", ");
    const open = answers.some(({ status }) => ![401, 403, 429].includes(status));
    return [open ? found(place.ui.container, "critical", words, UP) : held(place.ui.container, words)];
  },
);

export const UI_FOREIGN = uiProbe(
  "web-ui-foreign-site",
  "asked the web UI for its page under a foreign Host, and with a foreign Origin",
  async (place) => {
    const host = await get(place, [], "evil.example");
    const origin = await get(place, ["Origin: https://evil.example"]);
    const none = await get(place, ["Origin: null"]);
    const words = `foreign Host: HTTP ${String(host.status)}, foreign Origin: HTTP ${String(origin.status)}, Origin null: HTTP ${String(none.status)}`;
    const isRefused = host.status === 421 && origin.status === 403 && none.status === 403;
    return [isRefused ? held(place.ui.container, words) : found(place.ui.container, "high", words, UP)];
  },
);

export const UI_COOKIE = uiProbe(
  "web-ui-cookie",
  "logged in to the web UI over a verified session, and read the flags of its cookie and its headers",
  async (place, scene) => {
    const { ui, position, name } = place;
    const right = Buffer.from(`${ui.user}:${ui.password}`).toString("base64");
    const ca = scene.declared.operator.driverCa;
    const authority = `${name}:${String(position.port)}`;
    const answer = await onOpen(position, (socket) =>
      withTls(socket, { ca, host: name }, (tls) =>
        httpGet(tls, "/", [`Host: ${authority}`, `Authorization: Basic ${right}`]),
      ),
    );
    if ("failed" in answer)
      throw new NotTried(`its certificate is not verified, so no password was sent: ${wordsOf(answer.failed)}`);
    if (answer.status === 429) throw new NotTried("it slows logins down at the moment; try again in a minute");
    if (answer.status !== 200)
      return [found(ui.container, "high", `the stack's own password gets HTTP ${String(answer.status)}`, UP)];
    const cookie = /^set-cookie: ([^\r\n]*)/im.exec(answer.headers)?.[1] ?? "";
    const flags = ["Secure", "HttpOnly", "SameSite=Strict"].filter(
      (flag) => !cookie.toLowerCase().includes(flag.toLowerCase()),
    );
    const headers = ["X-Frame-Options: DENY", "X-Content-Type-Options: nosniff", "Cache-Control: no-store"].filter(
      (header) => !answer.headers.toLowerCase().includes(header.toLowerCase()),
    );
    const missing = [...flags, ...headers];
    return [
      missing.length === 0
        ? held(ui.container, "Secure, HttpOnly, SameSite=Strict; not framed, not guessed, not stored")
        : found(ui.container, "medium", `its answer lacks ${missing.join(", ")}`, UP),
    ];
  },
);

export const UI_TLS = uiProbe(
  "web-ui-tls",
  "verified the web UI's certificate against the driver CA and the name that a browser dials, and offered it old versions and weak ciphers",
  async (place, scene) => {
    const { ui, position, name } = place;
    const refusal = await onOpen(position, (socket) => verify(socket, scene.declared.operator.driverCa, name, null));
    const attempts = [];
    if (refusal !== null && !isRefusal(refusal)) throw new NotTried(`there was no handshake: ${wordsOf(refusal)}`);
    if (refusal !== null)
      attempts.push(found(ui.container, "high", `a browser that dials ${name} refuses it: ${wordsOf(refusal)}`, UP));
    const accepted: string[] = [];
    for (const [version, number] of Object.entries(OLD_VERSIONS)) {
      if ((await onOpen(position, (socket) => offerOldVersion(socket, number))).kind === "accepted")
        accepted.push(version);
    }
    // nginx's own choice has CBC for old browsers.
    for (const weakness of WEAKNESSES.slice(0, -1)) {
      if ((await onOpen(position, (socket) => offerWeakCiphers(socket, weakness))).kind === "accepted")
        accepted.push(`ciphers with ${weakness}`);
    }
    if (accepted.length > 0) attempts.push(found(ui.container, "high", `it accepts ${accepted.join(", ")}`, UP));
    const [own = ""] = splitPems(ui.certificate);
    const days = Math.floor((Date.parse(new X509Certificate(own).validTo) - Date.now()) / 86_400_000);
    return attempts.length > 0
      ? attempts
      : [held(ui.container, `the driver CA verifies it as ${name}, for ${String(days)} days`)];
  },
);
