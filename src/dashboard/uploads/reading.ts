/** The command line's advice in the page's terms: people choose columns and sheets there. */
export const forPeople = (message: string): string =>
  message
    .replace(/, or point at yours with --map video_url=<column>/, ', or choose yours below')
    .replace(/say which with --map \w+=<column>/, 'choose one below')
    .replace(/use --sheet (all|"[^"]*")/, 'write $1 into “Sheet” below')
    .replace(/, or --sheet all/, ', or all')
    .replace(/use --skip-hidden/, 'tick “Leave out hidden rows” below')
    .replace(/leave out --sheet/, 'empty “Sheet” below')
    .replace(/leave out --skip-hidden/, 'untick “Leave out hidden rows” below')
    .replace(/leave out --format \w+/, 'choose “detected” as its format below')
    .replace(/`--continue ([^`]+)`/, 'write $1 into “Continues batch” below')
    .replace(/`kling-sessions batches` lists them/, 'the page “Batches” lists them')
    .replace(/end it with `kling-sessions cancel [^`]+`/, 'cancel it on its page');

/** The same in the API's terms: it expects columns in the query, and in the body's `map` when it starts an import. */
export const forPrograms = (message: string, place: 'the query' | '`map`'): string =>
  message
    .replace(/--map (\w+=<column>)/, `\`$1\` in ${place}`)
    .replace(/--(sheet|format) /g, '`$1` ')
    .replace(/--sheet\b/, '`sheet`')
    .replace(/--skip-hidden/, '`skipHidden`')
    .replace(/`--continue ([^`]+)`/, '`"continue": "$1"`')
    .replace(/`kling-sessions batches` lists/, '`GET /batches` lists')
    .replace(/`kling-sessions cancel ([^`]+)`/, '`POST /batches/$1/cancel`');
