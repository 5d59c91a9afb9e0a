/** What a function says to console.error while it runs; stdout is the test runner's own. */

export interface Captured<T> {
  readonly result: T;
  readonly stderr: string;
}

export async function captured<T>(act: () => Promise<T>): Promise<Captured<T>> {
  let stderr = "";
  const error = console.error;
  console.error = (...words: unknown[]): void => {
    stderr += `${words.join(" ")}\n`;
  };
  try {
    const result = await act();
    return { result, stderr };
  } finally {
    console.error = error;
  }
}
