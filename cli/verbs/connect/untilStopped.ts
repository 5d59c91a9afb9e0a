/** Waits until someone wants an end. */

/** Settles at the first Ctrl-C, or request of the system to end; a second Ctrl-C ends the process the hard way. */
export async function untilStopped(): Promise<void> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
