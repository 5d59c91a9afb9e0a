/** The cluster CA and the driver CA, by generations, and the certificates of one server. */
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { CaPlan, CertificatePlan, ClusterPlan, SanPlan, ServerPlan } from "../core/plan";

/** `driver` is what clients verify. `cluster` is the list of members: peers check no host name, so it signs nothing else. */
export type Purpose = "cluster" | "driver";

export interface Leaf {
  readonly keyPem: pulumi.Output<string>;
  readonly certPem: pulumi.Output<string>;
}

/** Whose certificate it is. */
export type LeafOwner = Pick<ServerPlan, "name" | "container" | "clusterSans" | "driverSans">;

interface Authority {
  readonly keyPem: pulumi.Output<string>;
  readonly certPem: pulumi.Output<string>;
}

const KEY = { algorithm: "ECDSA", ecdsaCurve: "P256" } as const;

/** A server is both ends of a connection on the cluster port. */
const USES: Readonly<Record<Purpose, readonly string[]>> = {
  cluster: ["digital_signature", "server_auth", "client_auth"],
  driver: ["digital_signature", "server_auth"],
};

export class Pki extends pulumi.ComponentResource {
  private readonly authorities: Readonly<Record<Purpose, ReadonlyMap<number, Authority>>>;

  constructor(
    private readonly name: string,
    private readonly plan: ClusterPlan,
    /** What may refuse the whole change: not even a certificate is made before it. */
    private readonly judge: pulumi.Resource,
    parent: pulumi.Resource,
  ) {
    super("rethinkdb:index:Pki", name, {}, { parent });
    this.authorities = { cluster: this.declareCa("cluster"), driver: this.declareCa("driver") };
    this.registerOutputs({});
  }

  /** PEM of every trusted generation, newest last. */
  bundle(purpose: Purpose): pulumi.Output<string> {
    const trusted = caPlan(this.plan, purpose).trust.map((generation) => this.authority(purpose, generation).certPem);
    return pulumi.all(trusted).apply((pems) => pems.map((pem) => `${pem.trim()}\n`).join(""));
  }

  leaf(purpose: Purpose, server: LeafOwner): Leaf {
    const name = `${this.name}-${server.name}-${purpose}`;
    const sans: SanPlan = purpose === "cluster" ? server.clusterSans : server.driverSans;
    const authority = this.authority(purpose, caPlan(this.plan, purpose).issue);
    const key = new tls.PrivateKey(`${name}-key`, KEY, this.child());
    const request = new tls.CertRequest(
      `${name}-request`,
      {
        privateKeyPem: pulumi.secret(key.privateKeyPem),
        subject: { commonName: server.container },
        dnsNames: [...sans.dnsNames],
        ipAddresses: [...sans.ipAddresses],
      },
      this.child(),
    );
    const certificate = new tls.LocallySignedCert(
      `${name}-certificate`,
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: pulumi.secret(authority.keyPem),
        caCertPem: authority.certPem,
        allowedUses: [...USES[purpose]],
        setSubjectKeyId: true,
        ...lifetime(this.plan.certificates),
      },
      this.child(),
    );
    return { keyPem: pulumi.secret(key.privateKeyPem), certPem: certificate.certPem };
  }

  private declareCa(purpose: Purpose): ReadonlyMap<number, Authority> {
    const ca = caPlan(this.plan, purpose);
    const generations = [...new Set([...ca.trust, ca.issue])].sort((a, b) => a - b);
    return new Map(generations.map((generation) => [generation, this.declareGeneration(purpose, generation)]));
  }

  private declareGeneration(purpose: Purpose, generation: number): Authority {
    const name = `${this.name}-${purpose}-ca-g${String(generation)}`;
    const key = new tls.PrivateKey(`${name}-key`, KEY, this.child());
    const certificate = new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: pulumi.secret(key.privateKeyPem),
        // Generations differ in their name: OpenSSL finds an issuer by it.
        subject: { commonName: `${this.plan.clusterName} ${purpose} CA g${String(generation)}` },
        isCaCertificate: true,
        setSubjectKeyId: true,
        allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
        validityPeriodHours: this.plan.certificates.caValidityHours,
      },
      this.child(),
    );
    return { keyPem: key.privateKeyPem, certPem: certificate.certPem };
  }

  private child(): pulumi.CustomResourceOptions {
    return { parent: this, dependsOn: [this.judge] };
  }

  private authority(purpose: Purpose, generation: number): Authority {
    const found = this.authorities[purpose].get(generation);
    if (found === undefined) throw new Error(`no generation ${String(generation)} of the ${purpose} CA is declared`);
    return found;
  }
}

function caPlan(plan: ClusterPlan, purpose: Purpose): CaPlan {
  return purpose === "cluster" ? plan.clusterCa : plan.driverCa;
}

function lifetime(plan: CertificatePlan): { validityPeriodHours: number; earlyRenewalHours: number } {
  return { validityPeriodHours: plan.validityHours, earlyRenewalHours: plan.earlyRenewalHours };
}
