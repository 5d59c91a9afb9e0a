/** What runs, beside what is declared: the program's own files, its packages, and the settings of project and stack. */

export interface Code {
  /** Digest of each file as it runs, by area and path: comments and formatting are no part of it. */
  readonly areas: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By place in the lock file; null where there is a lock file that this reader does not know. */
  readonly packages: Readonly<Record<string, Package>> | null;
  /** Digests of what `package.json`, `Pulumi.yaml` and the stack's file say, config of the project apart. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Package {
  readonly version: string;
  /** Where it is loaded from. */
  readonly resolved: string;
  readonly integrity: string;
  /** Whether it runs a script when it is installed. */
  readonly runsScripts: boolean;
}
