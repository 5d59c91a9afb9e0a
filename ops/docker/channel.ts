/** A TCP connection to a port on a container's loopback, carried by docker exec: nothing is published for it. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { Duplex } from "node:stream";

/** What the script says, on stderr, as soon as the port is open. */
const OPEN = "channel is open\n";
/** What the script says when the container's own kernel refused the connection until the end. */
const CLOSED = /^port \d+ stayed closed$/;

/** The port was tried from inside the container, and nothing listened. */
export class PortClosed extends Error {
  override readonly name = "PortClosed";
}

/**
 * Waits inside the container for the port, which costs no round trips. The side that closes first ends both halves, and both
 * are waited for: RethinkDB, the container's first process, does not reap orphans. Both are named to `wait -n`, which
 * otherwise passes over one that ended before.
 */
const SCRIPT = `
port=$1; tries=$2
until { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then
    why="$( { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>&1 )"
    case "$why" in
      *"Connection refused"*) echo "port $port stayed closed" >&2; exit 75;;
      "") ;;
      *) echo "port $port cannot be tried: $why" >&2; exit 76;;
    esac
  fi
  sleep 0.05
done
echo "channel is open" >&2
cat <&3 & down=$!
cat <&0 >&3 & up=$!
wait -n "$down" "$up"
kill "$down" "$up" 2>/dev/null
wait`;

/** Emits `open` once, when the port on the other side is. */
export class ExecChannel extends Duplex {
  /** Settles when nothing of the channel is left on this machine. */
  readonly gone: Promise<void>;
  private readonly child: ChildProcessWithoutNullStreams;
  private complaint = "";

  /** @param patienceSeconds how long the port may stay closed. */
  constructor(
    engine: { readonly spawn: (args: readonly string[]) => ChildProcessWithoutNullStreams },
    container: string,
    port: number,
    patienceSeconds: number,
  ) {
    super();
    const tries = Math.max(1, Math.round(patienceSeconds * 20));
    this.child = engine.spawn(["exec", "-i", container, "bash", "-c", SCRIPT, "bash", String(port), String(tries)]);
    this.child.stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) this.child.stdout.pause();
    });
    this.child.stderr.on("data", (chunk: Buffer) => {
      this.complaint = (this.complaint + chunk.toString("utf8")).slice(-1000);
      if (!this.complaint.includes(OPEN)) return;
      this.complaint = this.complaint.replace(OPEN, "");
      this.emit("open");
    });
    this.gone = new Promise((resolve) => {
      this.child.once("close", () => {
        resolve();
      });
      this.child.once("error", () => {
        resolve();
      });
    });
    // The end of the child is told by its exit code, not by a broken pipe.
    this.child.stdin.on("error", () => undefined);
    this.child.once("error", (error) => this.destroy(error));
    // Later than the end of its stdout: by then it has said why.
    this.child.once("close", (code) => {
      const text = this.complaint.trim();
      if (CLOSED.test(text)) this.destroy(new PortClosed(text));
      else if (code !== 0 && code !== 143 && text !== "") this.destroy(new Error(text));
      else this.push(null);
    });
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.child.stdin.write(chunk)) done();
    else
      this.child.stdin.once("drain", () => {
        done();
      });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.child.stdin.end(() => {
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.child.stdin.destroy();
    this.child.kill();
    done(error);
  }
}
