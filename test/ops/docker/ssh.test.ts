/** Each trouble with an engine behind ssh is one sentence, and host keys are always checked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SSH_OPTIONS } from "../../../core/render/sshOptions";
import { sshTrouble } from "../../../ops/docker/ssh";

const AT = "ssh://deploy@10.0.0.2";
const wrapped = (stderr: string): string =>
  `error during connect: Get "http://docker.example.com/v1.41/version": command [ssh -l deploy -- 10.0.0.2 docker system dial-stdio] ` +
  `has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=${stderr}`;

const CASES: readonly (readonly [stderr: string, sentence: string | undefined])[] = [
  [
    "No ED25519 host key is known for 10.0.0.2 and you have requested strict checking.\r\nHost key verification failed.\r\n",
    "the host key of deploy@10.0.0.2 is not known here; log in once with ssh ssh://deploy@10.0.0.2, compare its fingerprint, and say yes",
  ],
  [
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.\r\n",
    "the host key of deploy@10.0.0.2 is another one than before, or another machine answers there; find out which, then correct known_hosts",
  ],
  [
    "deploy@10.0.0.2: Permission denied (publickey).\r\n",
    "deploy@10.0.0.2 refuses our key; put the public key into authorized_keys there, or load its private key with ssh-add",
  ],
  [
    "ssh: connect to host 10.0.0.2 port 22: Connection refused\r\n",
    "deploy@10.0.0.2 cannot be reached: 10.0.0.2 port 22: Connection refused",
  ],
  [
    "ssh: Could not resolve hostname b.lan: Name or service not known\r\n",
    "deploy@10.0.0.2 cannot be reached: Could not resolve hostname b.lan: Name or service not known",
  ],
  [
    "bash: line 1: docker: command not found\n",
    "deploy@10.0.0.2 has no docker command for its ssh user; install Docker there",
  ],
];

for (const [stderr, sentence] of CASES) {
  test(`says of ${stderr.split(/[.!\r\n]/)[0] ?? ""}`, () => {
    assert.equal(sshTrouble(wrapped(stderr), AT), sentence);
  });
}

test("tells an engine that the ssh user may not use from one that is off, and neither from an ordinary error", () => {
  assert.equal(
    sshTrouble(
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
      AT,
    ),
    'the ssh user may not use the Docker engine of deploy@10.0.0.2: add it to the group "docker" there',
  );
  assert.equal(
    sshTrouble("Cannot connect to the Docker daemon at http://docker.example.com. Is the docker daemon running?", AT),
    "deploy@10.0.0.2 answers and its Docker engine does not: start it there (systemctl start docker)",
  );
  assert.equal(sshTrouble("Error response from daemon: No such container: x", AT), undefined);
});

test("checks host keys, asks no questions, and gives up in bounded time", () => {
  for (const option of ["StrictHostKeyChecking=yes", "BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=5"]) {
    assert.ok(SSH_OPTIONS.includes(option), option);
  }
});
