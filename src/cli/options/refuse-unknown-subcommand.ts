import type { Command } from 'commander';

/**
 * Makes a group such as `batches` refuse a word that is none of its commands. commander would hand the word to the
 * default command, which then complains of too many arguments under a name that nobody typed.
 */
export function refuseUnknownSubcommand(group: Command): void {
  group.hook('preSubcommand', (_group, chosen) => {
    const [word = ''] = group.args;
    const isOption = word === '' || word.startsWith('-');
    if (isOption || word === chosen.name() || chosen.registeredArguments.length > 0) return;
    const isElsewhere = group.parent?.commands.some((command) => command.name() === word);
    const hint = isElsewhere ? `; \`kling-sessions ${word}\` is a command of its own` : '';
    group.error(`error: '${group.name()}' has no command '${word}'${hint}`);
  });
}
