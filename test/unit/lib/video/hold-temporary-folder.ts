// A process that holds a temporary folder until it is killed.
import { openTemporaryFolder } from '../../../../src/lib/video/temporary-folder.ts';

const [prefix = '', place] = process.argv.slice(2);
const folder = await openTemporaryFolder(prefix, place);
process.send?.(folder.path);
setInterval(() => undefined, 60_000);
