/** One line of progress a change, on stderr: stdout is a program's result. */
export class Progress {
  private last = "";

  constructor(private readonly who: string) {}

  say(text: string): void {
    if (text === this.last) return;
    this.last = text;
    process.stderr.write(`${this.who}: ${text}\n`);
  }
}
