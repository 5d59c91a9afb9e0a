/** The two random seeds of a cluster: who it is, and the password of the account its programs use. */
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { identityOf, operatorPassword, uiSeed } from "../../core/plan/identity";

export interface Identity {
  /** Public: it stands in labels and on volumes. */
  readonly identity: pulumi.Output<string>;
  readonly operatorPassword: pulumi.Output<string>;
  /** Of the generation before; null in the first. */
  readonly previousOperatorPassword: pulumi.Output<string | null>;
  readonly uiSeed: pulumi.Output<string>;
}

/** Keys are the random source here: made once, kept in the state, known to every later preview. */
export function declareIdentity(name: string, operatorGeneration: number, parent: pulumi.Resource): Identity {
  const key = new tls.PrivateKey(`${name}-identity`, { algorithm: "ED25519" }, { parent });
  const operator = (generation: number): pulumi.Output<string> =>
    pulumi
      .secret(
        new tls.PrivateKey(`${name}-operator-g${String(generation)}`, { algorithm: "ED25519" }, { parent })
          .privateKeyPem,
      )
      .apply(operatorPassword);
  return {
    identity: key.publicKeyPem.apply(identityOf),
    operatorPassword: operator(operatorGeneration),
    previousOperatorPassword: operatorGeneration > 1 ? operator(operatorGeneration - 1) : pulumi.output(null),
    uiSeed: pulumi.secret(key.privateKeyPem).apply(uiSeed),
  };
}
