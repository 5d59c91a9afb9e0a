/** Limits of a container's memory, as Docker takes them. */

export interface MemoryLimits {
  readonly memory: number;
  /** Memory and swap together; -1 is no limit. */
  readonly memorySwap: number;
}

/** Also what an engine that cannot limit swap stores, whatever it is asked for. */
const NO_LIMIT = -1;

export function limitMemory(memoryMib: number, limitSwap: boolean): MemoryLimits {
  return { memory: memoryMib, memorySwap: limitSwap ? memoryMib : NO_LIMIT };
}
