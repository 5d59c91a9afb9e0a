/** The CAs, by generations, and the certificates of servers and clients. */
import type { CaArgs } from "../../args/certificates";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { ClusterPlan } from "../../core/plan/cluster";
import type { SanPlan } from "../../core/plan/publish";
import { readOwnCa } from "../../core/pki/readCa";
import type { OwnCas } from "./ownCas";
import type { Purpose } from "./purpose";

export interface Leaf {
  readonly keyPem: pulumi.Output<string>;
  readonly certPem: pulumi.Output<string>;
}

/** Whose certificate it is. */
export interface LeafOwner {
  /** Part of the resources' names. */
  readonly name: string;
  readonly commonName: string;
  readonly sans: SanPlan;
}

/** One certificate that is in use; its end is empty while it is not known. */
export interface Issued {
  /** Whose it is; for a CA, its name. */
  readonly owner: string;
  readonly purpose: string;
  readonly generation: number;
  readonly notAfter: pulumi.Output<string>;
  /** A CA that was given. */
  readonly isOwn?: true;
}

interface Authority {
  readonly keyPem: pulumi.Output<string>;
  readonly certPem: pulumi.Output<string>;
  readonly chainPem: pulumi.Output<string>;
  readonly anchorPem: pulumi.Output<string>;
}

const KEY = { algorithm: "ECDSA", ecdsaCurve: "P256" } as const;

/** A server is both ends of a connection on the cluster port. */
const USES: Readonly<Record<Purpose, readonly string[]>> = {
  cluster: ["digital_signature", "server_auth", "client_auth"],
  driver: ["digital_signature", "server_auth"],
  client: ["digital_signature", "client_auth"],
};

export class Pki extends pulumi.ComponentResource {
  private readonly authorities: Readonly<Record<Purpose, ReadonlyMap<number, Authority>>>;
  private readonly log: Issued[] = [];

  constructor(
    private readonly name: string,
    private readonly plan: ClusterPlan,
    private readonly own: OwnCas,
    /** What may refuse the whole change: not even a certificate is made before it. */
    private readonly judge: pulumi.Resource,
    parent: pulumi.Resource,
  ) {
    super("rethinkdb:index:Pki", name, {}, { parent });
    this.authorities = {
      cluster: this.declareCa("cluster"),
      driver: this.declareCa("driver"),
      client: plan.driverClients.length > 0 ? this.declareCa("client") : new Map<number, Authority>(),
    };
    this.registerOutputs({});
  }

  /** Everything declared so far. */
  get issued(): readonly Issued[] {
    return this.log;
  }

  /** PEM of every trusted generation, newest last: another order would restart every server. */
  bundle(purpose: Purpose): pulumi.Output<string> {
    return this.pemsOf(purpose, caPlan(this.plan, purpose).trust);
  }

  /** The same for clients, the generation that issues first: some read only the first certificate of a file. */
  clientBundle(): pulumi.Output<string> {
    const { issue, trust } = caPlan(this.plan, "driver");
    return this.pemsOf("driver", [issue, ...trust.filter((generation) => generation !== issue)]);
  }

  private pemsOf(purpose: Purpose, generations: readonly number[]): pulumi.Output<string> {
    const trusted = generations.map((generation) => this.authority(purpose, generation).anchorPem);
    return pulumi.all(trusted).apply((pems) => pems.map((pem) => `${pem.trim()}\n`).join(""));
  }

  leaf(purpose: Purpose, owner: LeafOwner): Leaf {
    const name = `${this.name}-${owner.name}-${purpose}`;
    const generation = caPlan(this.plan, purpose).issue;
    const authority = this.authority(purpose, generation);
    // A CA may be rotated because a key leaked: no key outlives its issuer.
    const key = new tls.PrivateKey(
      generation === 1 ? `${name}-key` : `${name}-key-g${String(generation)}`,
      KEY,
      this.child(),
    );
    const request = new tls.CertRequest(
      `${name}-request`,
      {
        privateKeyPem: pulumi.secret(key.privateKeyPem),
        subject: { commonName: owner.commonName },
        dnsNames: [...owner.sans.dnsNames],
        ipAddresses: [...owner.sans.ipAddresses],
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
        validityPeriodHours: this.plan.certificates.validityHours,
        earlyRenewalHours: this.plan.certificates.earlyRenewalHours,
      },
      this.child(),
    );
    this.log.push({ owner: owner.name, purpose, generation, notAfter: certificate.validityEndTime });
    const certPem = pulumi.all([certificate.certPem, authority.chainPem]).apply(([own, chain]) => own + chain);
    return { keyPem: pulumi.secret(key.privateKeyPem), certPem };
  }

  private declareCa(purpose: Purpose): ReadonlyMap<number, Authority> {
    return new Map(
      caPlan(this.plan, purpose).trust.map((generation) => [
        generation,
        this.own[purpose].has(generation)
          ? this.takeOwn(purpose, generation)
          : this.declareGeneration(purpose, generation),
      ]),
    );
  }

  private takeOwn(purpose: Purpose, generation: number): Authority {
    const pems = this.own[purpose].get(generation);
    if (pems === undefined) throw new Error(`generation ${String(generation)} of the ${purpose} CA is not given`);
    const parts = pems.certPem.apply(readOwnCa);
    this.log.push({ owner: "CA", purpose, generation, notAfter: pems.notAfter, isOwn: true });
    return {
      keyPem: pems.keyPem,
      certPem: parts.certPem,
      chainPem: parts.chainPem,
      anchorPem: parts.anchorPem,
    };
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
        // With the same key: what the old certificate signed stands under the new one, and the other way round.
        earlyRenewalHours: this.plan.certificates.caEarlyRenewalHours,
      },
      this.child(),
    );
    this.log.push({ owner: "CA", purpose, generation, notAfter: certificate.validityEndTime });
    const { certPem } = certificate;
    return { keyPem: key.privateKeyPem, certPem, chainPem: pulumi.output(""), anchorPem: certPem };
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

/** Of a certificate that is shown, not asked for by a name. */
export function ownerOf(name: string, commonName: string): LeafOwner {
  return { name, commonName, sans: { dnsNames: [], ipAddresses: [] } };
}

function caPlan(plan: ClusterPlan, purpose: Purpose): CaArgs {
  return { cluster: plan.clusterCa, driver: plan.driverCa, client: plan.clientCa }[purpose];
}
