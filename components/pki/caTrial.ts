/** Whether clients accept what a CA signs: a TLS handshake within this process, with a certificate made for it alone. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { Duplex } from "node:stream";
import { connect, createSecureContext, TLSSocket } from "node:tls";
import { splitPems } from "../../core/pki/readCa";
import type { SanPlan } from "../../core/plan/publish";
import { signTrialLeaf } from "./trialLeaf";

export interface Trial {
  /** As `checkOwnCa` accepts it. */
  readonly certPem: string;
  readonly keyPem: string;
  readonly commonName: string;
  /** All names of all certificates that it is to sign. */
  readonly sans: SanPlan;
}

/** OpenSSL's codes: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /digest algorithm too weak|md too weak/i,
    "a certificate of its chain is signed with a digest that clients refuse, such as SHA-1; give a chain signed with SHA-256",
  ],
  [/key too (small|weak)/i, "a key of its chain is too short; use P-256, or RSA of at least 2048 bits"],
];

/** More would hide the sentence. */
const NAMED = 3;

/** @returns why clients would refuse its certificates, and what to do; undefined when they would not. */
export async function tryCa(trial: Trial): Promise<string | undefined> {
  const refusal = await handshake(trial, trial.sans);
  if (refusal === undefined) return undefined;
  if (/permitted|excluded/i.test(refusal)) {
    const names = await refusedNames(trial);
    const more = names.length > NAMED ? " and more" : "";
    return `its name constraints do not allow ${names.slice(0, NAMED).join(", ")}${more}; give a CA without that restriction`;
  }
  return REASONS.find(([pattern]) => pattern.test(refusal))?.[1] ?? `OpenSSL says "${refusal}"; give another CA`;
}

async function refusedNames(trial: Trial): Promise<readonly string[]> {
  const refused: string[] = [];
  const alone = [
    ...trial.sans.dnsNames.map((name): [string, SanPlan] => [name, { dnsNames: [name], ipAddresses: [] }]),
    ...trial.sans.ipAddresses.map((name): [string, SanPlan] => [name, { dnsNames: [], ipAddresses: [name] }]),
  ];
  for (const [name, sans] of alone) {
    if (refused.length > NAMED) break;
    if ((await handshake(trial, sans)) !== undefined) refused.push(name);
  }
  // None by itself: then it is the subject.
  return refused.length > 0 ? refused : [`CN=${trial.commonName}`];
}

/** Debian's and Ubuntu's OpenSSL refuse below level 2; Node.js itself would not. */
const AS_CLIENTS = "DEFAULT@SECLEVEL=2";
const PRESENT_ANYTHING = "DEFAULT@SECLEVEL=0";

async function handshake(trial: Trial, sans: SanPlan): Promise<string | undefined> {
  const pems = splitPems(trial.certPem);
  const [ca = "", anchor = ""] = [pems[0], pems.at(-1)];
  const leaf = signTrialLeaf(new X509Certificate(ca), createPrivateKey(trial.keyPem), trial.commonName, sans);
  const chain = [leaf.certPem, ...pems.slice(0, -1)].join("\n");
  const [near, far] = pipe();
  const server = new TLSSocket(near, {
    isServer: true,
    secureContext: createSecureContext({ cert: chain, key: leaf.keyPem, ciphers: PRESENT_ANYTHING }),
  });
  const client = connect({
    socket: far,
    ca: anchor,
    ciphers: AS_CLIENTS,
    // Whether a name is in the certificate is not the question.
    checkServerIdentity: () => undefined,
  });
  try {
    return await new Promise<string | undefined>((resolve) => {
      const refuse = ({ message }: Error): void => {
        resolve(message);
      };
      client.once("error", refuse);
      server.once("error", refuse);
      client.once("secureConnect", () => {
        resolve(undefined);
      });
    });
  } finally {
    for (const socket of [client, server]) {
      socket.on("error", () => undefined);
      socket.destroy();
    }
  }
}

/** Two ends of a connection, without a port. */
function pipe(): readonly [Duplex, Duplex] {
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      write: (chunk, _encoding, done) => {
        other().push(chunk);
        done();
      },
      final: (done) => {
        other().push(null);
        done();
      },
    });
  const near: Duplex = end(() => far);
  const far: Duplex = end(() => near);
  return [near, far];
}
