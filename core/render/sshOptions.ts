/** How ssh is called for an engine on another host, by programs and by the docker provider alike. */

/** Seconds until an address that does not answer is given up. */
export const SSH_CONNECT_SECONDS = 10;
/** Seconds until a connection that went silent is given up. */
export const SSH_SILENT_SECONDS = 15;

/**
 * One connection a host is kept and shared: a handshake costs more than most commands. A host key that is not known is
 * refused, whatever the user's own configuration says, and ssh asks no questions.
 */
export const SSH_OPTIONS: readonly string[] = [
  "StrictHostKeyChecking=yes",
  "BatchMode=yes",
  `ConnectTimeout=${String(SSH_CONNECT_SECONDS)}`,
  `ServerAliveInterval=${String(SSH_SILENT_SECONDS / 3)}`,
  "ServerAliveCountMax=3",
  "ControlMaster=auto",
  // In the user's own folder, so that no other user can put a socket there; the same text on every machine.
  "ControlPath=~/.ssh/rethinkdb-%C",
  "ControlPersist=60",
].flatMap((option) => ["-o", option]);
