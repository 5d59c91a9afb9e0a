/** Which lines of Pulumi's account a person wants where it is not a live view: one for each step that matters. */

/** ` +  docker:index:Container rethinkdb-n0 created (1s) [diff: ~image] what it said` */
const RESOURCE =
  /^ *[-+~<>@=rR ]* {0,2}([a-z][\w-]*:[\w/-]+:\w+) ([^\s(]\S*) *([a-z]+(?: \w+)*)?(?: \([\d.]+m?s?\))?(?: \[diff: [^\]]*\])?;? ?(.*)$/;
const SERVER = "docker:index:Container";
/** That a server is deleted and made anew is said by the lines of both, when they are done. */
const UNSEEN = /^(refresh(ing)?|running|replac(ing|ed)|deleting original|creating replacement)?$/;

export class Steps {
  private readonly said = new Map<string, string>();
  private wasBlank = true;

  /** @returns whether the next line of the account is to be shown. */
  shows(line: string): boolean {
    const blank = line.trim() === "";
    const shown = !(blank && this.wasBlank) && !/^@ \w+\.*$/.test(line) && this.matters(line);
    if (shown) this.wasBlank = blank;
    return shown;
  }

  private matters(line: string): boolean {
    const [, type = "", name = "", status = "", words = ""] = RESOURCE.exec(line) ?? [];
    if (type === "") return true;
    // The last words of a program are repeated with every event.
    const isNew = words !== "" && this.said.get(name) !== words;
    if (isNew) this.said.set(name, words);
    return isNew || (type === SERVER && !UNSEEN.test(status));
  }
}
