/** The command line's advice, as what the page has: people choose columns there. */
export const forPeople = (message: string): string =>
  message
    .replace(/, or point at yours with --map video_url=<column>/, ', or choose yours below')
    .replace(/say which with --map \w+=<column>/, 'choose one below');

/** The same, as what the API has: it takes columns in the query, and where a start is asked for in the body's `map`. */
export const forPrograms = (message: string, place: 'the query' | '`map`'): string =>
  message.replace(/--map (\w+=<column>)/, `\`$1\` in ${place}`);
