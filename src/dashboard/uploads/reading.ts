/** The command line's advice in the page's terms: people choose columns there. */
export const forPeople = (message: string): string =>
  message
    .replace(/, or point at yours with --map video_url=<column>/, ', or choose yours below')
    .replace(/say which with --map \w+=<column>/, 'choose one below');

/** The same in the API's terms: it expects columns in the query, and in the body's `map` when it starts an import. */
export const forPrograms = (message: string, place: 'the query' | '`map`'): string =>
  message.replace(/--map (\w+=<column>)/, `\`$1\` in ${place}`);
