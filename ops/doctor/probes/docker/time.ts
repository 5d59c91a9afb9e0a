/** What goes wrong by itself: certificates end, clocks go wrong, disks fill up. */
import { X509Certificate } from "node:crypto";
import { DAY_MS, LATE_DAYS } from "../../../../core/pki/expiry";
import { splitPems } from "../../../../core/pki/readCa";
import { found, held, onServers, type Probe, tryEach, UP } from "../../probe";

/** Certificates are valid from some minutes before they are made; a clock that is off by less harms no login. */
const CLOCK_SECONDS = 60;

export const CERTIFICATE_ENDS: Probe = {
  id: "certificate-ends",
  line: "time",
  tried: "read the end of each certificate and CA that the stack declares",
  run: (scene) =>
    onServers(scene, (server) => {
      const all = Object.entries(server.files)
        .filter(([name]) => name.endsWith(".pem"))
        .flatMap(([name, text]) =>
          splitPems(text).map((pem) => ({
            name: name.replace(/\.pem$/, ""),
            days: Math.floor((Date.parse(new X509Certificate(pem).validTo) - Date.now()) / DAY_MS),
          })),
        );
      const late = all.filter(({ days }) => days < LATE_DAYS);
      if (late.length > 0) {
        return late.map(({ name, days }) =>
          days < 0
            ? found(
                server.name,
                "critical",
                `its ${name} certificate has expired`,
                "run up: docs/certificates.md#runbooks",
              )
            : found(
                server.name,
                "high",
                `its ${name} certificate ends in ${String(days)} days`,
                "run up, which renews it",
              ),
        );
      }
      const [first] = [...all].sort((a, b) => a.days - b.days);
      return held(
        server.name,
        first === undefined ? "it has none" : `the first to end is ${first.name}, in ${String(first.days)} days`,
      );
    }),
};

export const CLOCKS: Probe = {
  id: "clocks",
  line: "time",
  tried: "compared the clock of each host with this machine's",
  run: (scene) =>
    tryEach(
      scene.hosts,
      ({ title }) => title,
      ({ title, clockAheadMs }) => {
        const seconds = Math.round(clockAheadMs / 1000);
        const words = `its clock is ${String(Math.abs(seconds))} seconds ${seconds < 0 ? "behind" : "ahead of"} this machine's`;
        return Math.abs(seconds) < CLOCK_SECONDS
          ? held(title, words)
          : found(title, "medium", words, "let both follow one time server");
      },
    ),
};

const LOW_PERCENT = 10;

export const DISKS: Probe = {
  id: "disks",
  line: "time",
  tried: "asked each server how much of the disk below its data is free",
  run: (scene) =>
    onServers(scene, async (server) => {
      const { disk } = await scene.inside({ name: server.container, host: server.host });
      if (disk === null)
        return { outcome: "not-tried", subject: server.name, reason: "df said nothing", essential: true };
      const percent = Math.floor((100 * disk.freeBytes) / disk.totalBytes);
      const words = `${String(percent)} % of its disk is free`;
      return percent >= LOW_PERCENT
        ? held(server.name, words)
        : found(
            server.name,
            percent < 5 ? "critical" : "high",
            words,
            `make room: RethinkDB stops when the disk is full; ${UP} afterwards`,
          );
    }),
};
