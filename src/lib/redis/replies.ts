import type { ChainableCommander } from 'ioredis';

/**
 * Carries out a pipeline or transaction. Returns the replies in order.
 * @throws the first error of a command. `exec` itself only lists it, and the other commands were carried out.
 */
export async function repliesOf(commands: ChainableCommander): Promise<unknown[]> {
  const replies = (await commands.exec()) ?? [];
  return replies.map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
}
