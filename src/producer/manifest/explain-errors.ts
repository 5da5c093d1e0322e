/** What is thrown instead of an error: one in the words of people who have the file, or the error itself. */
type Explain = (error: unknown) => unknown;

/** The result of `read`, with its error explained. */
export async function explainErrors<T>(read: () => Promise<T>, explain: Explain): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw explain(error);
  }
}

/** The items of a generator, with its error explained. */
export async function* explainErrorsOf<T>(
  items: AsyncGenerator<T>,
  explain: Explain,
): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw explain(error);
  }
}
