/** The list of certificates: in which order, how many days are left, and what is said about each. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CertificateEntry, listCertificates, type ServedCertificate } from "../../../core/pki/expiry";

const DAY_MS = 24 * 3600 * 1000;
const NOW = Date.parse("2030-01-01T00:00:00Z");
/** As a certificate has it. */
const at = (days: number): string => new Date(NOW + days * DAY_MS).toISOString().replace(".000Z", "Z");
const daysUntil = (time: string): number => (Date.parse(time) - NOW) / DAY_MS;

const served = (server: string, purpose: string, days: number, generation = 1): ServedCertificate => ({
  server,
  purpose,
  generation,
  notAfter: new Date(NOW + days * DAY_MS).toISOString(),
});
const known = (owner: string, purpose: string, days: number, generation = 1): CertificateEntry => ({
  owner,
  purpose,
  generation,
  notAfter: at(days),
});

function notes(servers: readonly ServedCertificate[], others: readonly CertificateEntry[]): readonly string[] {
  return listCertificates(servers, others, daysUntil).map(({ owner, purpose, note }) => `${owner} ${purpose}: ${note}`);
}

describe("the list of certificates", () => {
  test("has CAs first, then what servers present, then all others that have one", () => {
    const rows = listCertificates(
      [served("n0", "cluster", 80), served("n0", "driver", 80), served("n1", "cluster", 80, 2)],
      [
        known("n0", "cluster", 80),
        known("ui", "driver", 60.5),
        known("CA", "cluster", 3000),
        known("n0", "driver", 80),
        known("n1", "cluster", 80, 2),
        known("CA", "cluster", 3600, 2),
        known("driver-api", "client", 70),
      ],
      daysUntil,
    );
    assert.deepEqual(
      rows.map(({ owner, purpose, generation, daysLeft, note }) => [owner, purpose, generation, daysLeft, note]),
      [
        ["CA", "cluster", 1, 3000, ""],
        ["CA", "cluster", 2, 3600, ""],
        ["n0", "cluster", 1, 80, ""],
        ["n0", "driver", 1, 80, ""],
        ["n1", "cluster", 2, 80, ""],
        ["ui", "driver", 1, 60, ""],
        ["driver-api", "client", 1, 70, ""],
      ],
    );
    assert.equal(rows[2]?.notAfter, at(80), "in whole seconds");
  });

  test("has what a server presents, not what the stack made since, and says that this waits for a restart", () => {
    const rows = listCertificates([served("n0", "driver", -2)], [known("n0", "driver", 90)], daysUntil);
    assert.deepEqual(rows, [
      {
        owner: "n0",
        purpose: "driver",
        generation: 1,
        notAfter: at(-2),
        daysLeft: -2,
        note: "a newer one waits for its restart: run up",
      },
    ]);
  });

  test("sees no difference in fractions of a second, which only the provider has in mind", () => {
    const fractions = { ...known("n0", "driver", 50), notAfter: at(50).replace("Z", ".123456Z") };
    assert.deepEqual(notes([served("n0", "driver", 50)], [fractions]), ["n0 driver: "]);
  });

  test("tells what has ended, and what ends within 7 days, with what to do", () => {
    assert.deepEqual(
      notes(
        [served("n0", "cluster", -0.01), served("n0", "driver", 6.99), served("n1", "driver", 7)],
        [
          known("n0", "cluster", -0.01),
          known("n0", "driver", 6.99),
          known("n1", "driver", 7),
          known("CA", "driver", -1),
          known("CA", "client", 3),
          { ...known("CA", "cluster", -1), isOwn: true },
          known("driver-api", "client", -1),
          known("ops", "client", 6),
        ],
      ),
      [
        "CA driver: ended: run renew -- --ca driver",
        "CA client: ends soon: run renew -- --ca client",
        `CA cluster: ended: give its renewed certificate as clusterCaPems["1"], then run up`,
        "n0 cluster: ended: run up",
        "n0 driver: ends soon: run up",
        "n1 driver: ",
        "driver-api client: ended: run up",
        "ops client: ends soon: run up",
      ],
    );
  });

  test("counts a day that has begun after the end as a day less than none", () => {
    const [row] = listCertificates([], [known("CA", "driver", -0.5)], daysUntil);
    assert.equal(row?.daysLeft, -1);
  });

  test("has a server that the stack does not know, and one that was never made, all the same", () => {
    assert.deepEqual(notes([served("n5", "cluster", 2)], [known("n0", "cluster", 80)]), [
      "n5 cluster: ends soon: run up",
      "n0 cluster: ",
    ]);
  });
});
