/** Runs before a server's container is deleted: only one that has left, with its data moved away, may go. */
import type { LeaveRequest } from "../core/requests";
import { Failure } from "./failure";
import { ownEngine } from "./hosts";
import { hasLeft } from "./leavingMarks";
import { releaseVolume } from "./volumes";

export async function leave(request: LeaveRequest): Promise<{ left: string }> {
  const engine = ownEngine(request);
  // docker run would make a volume that is gone.
  const exists = (await engine.inspect("volume", request.tlsVolume)) !== undefined;
  if (exists && (await hasLeft(engine, request.image, request.identity, request.tlsVolume))) {
    await releaseVolume(engine, request.tlsVolume);
    return { left: request.server };
  }
  throw new Failure(
    `${request.server}: it has not left the cluster and may hold the only copy of data; it was not touched; ` +
      `run pulumi up again, without --target, so that its data is moved first`,
  );
}
