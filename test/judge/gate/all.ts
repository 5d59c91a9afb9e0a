/** Every case of the gate that is judged in this process. */
import { config } from "./config";
import { containers } from "./containers";
import type { Harmless, Weakening } from "./gate";
import { harmless } from "./harmless";
import { hosts } from "./hosts";
import { certificates, programs, requests } from "./programs";

export const WEAKENINGS: readonly Weakening[] = [
  ...config,
  ...containers,
  ...programs,
  ...requests,
  ...certificates,
  ...hosts,
];

export const HARMLESS: readonly Harmless[] = harmless;
