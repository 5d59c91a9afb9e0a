/** Puts a text into a file, or on stdout. */
import { writeFileDurably } from "../stack/files";

/** A report names what an attacker would look for. */
const MODE = 0o600;

export function deliver(text: string, file: string | undefined): void {
  if (file === undefined) process.stdout.write(text);
  else {
    writeFileDurably(file, text, MODE);
    console.log(`Wrote ${file}.`);
  }
}
