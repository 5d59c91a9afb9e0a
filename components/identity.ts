/** The two random seeds of a cluster: who it is, and the password of the account its programs use. */
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { identityOf, operatorPassword } from "../core/identity";

export interface Identity {
  /** Public: it stands in labels and on volumes. */
  readonly identity: pulumi.Output<string>;
  readonly operatorPassword: pulumi.Output<string>;
}

/** Keys are the random source here: made once, kept in the state, known to every later preview. */
export function declareIdentity(name: string, operatorGeneration: number, parent: pulumi.Resource): Identity {
  const key = new tls.PrivateKey(`${name}-identity`, { algorithm: "ED25519" }, { parent });
  const operator = new tls.PrivateKey(
    `${name}-operator-g${String(operatorGeneration)}`,
    { algorithm: "ED25519" },
    { parent },
  );
  return {
    identity: key.publicKeyPem.apply(identityOf),
    operatorPassword: pulumi.secret(operator.privateKeyPem).apply(operatorPassword),
  };
}
