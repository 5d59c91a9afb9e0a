/** `backup prune`: removes backups that the args do not keep, and what a killed run left. */
import { Failure } from "../../ops/lib/failure";
import { readPlace, type Place } from "./place";
import { openRepository } from "./restore";

export async function prune(project: string, options: ReadonlyMap<string, string>): Promise<number> {
  const repository = await openRepository();
  const place = await readPlace(project, options);
  if (!place.settings.enabled) {
    throw new Failure(
      "prune: backups.enabled is off, so the args do not say which backups to keep; nothing was removed",
    );
  }
  const { identity } = place.request;
  await repository.forgetDead();
  const { backups, orphans } = await repository.catalog();
  const own = backups.filter((backup) => backup.identity === identity);
  const doomed = await repository.doomed(identity, policyOf(place));
  const old = own.filter(({ manifest }) => manifest !== undefined && doomed.includes(manifest));
  const whole = own.filter(({ manifest }) => manifest !== undefined);
  if (old.length > 0 && old.length >= whole.length) {
    throw new Failure(
      "prune: it would remove every backup of this cluster, so that nothing was removed; look at backups.keepDaily",
    );
  }
  const cut = own.filter(({ manifest }) => manifest === undefined);
  const lone = orphans.filter((orphan) => orphan.identity === identity).map(({ id }) => id);
  const ids = [...old.map(({ manifest = "" }) => manifest), ...[...old, ...cut].map(({ data }) => data), ...lone];
  if (ids.length > 0) await repository.forget(ids);
  await repository.prune();
  console.log(
    `${String(old.length)} backups are removed, ${String(cut.length)} that were cut short too; ` +
      `${String(whole.length - old.length)} are kept.`,
  );
  return 0;
}

function policyOf({ settings }: Place): readonly string[] {
  const { keepDaily, keepWeekly, keepMonthly } = settings;
  return [
    ["--keep-daily", keepDaily],
    ["--keep-weekly", keepWeekly],
    ["--keep-monthly", keepMonthly],
  ].flatMap(([flag, value]) => (Number(value) > 0 ? [String(flag), String(value)] : []));
}
