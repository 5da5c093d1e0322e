import { readBoxHeader } from '../mp4/boxes.ts';

/** A box and its content. Offsets are into the buffer that holds the outermost one. */
export interface TreeBox {
  type: string;
  bodyStart: number;
  end: number;
  /** Empty for boxes that are not containers. */
  children: TreeBox[];
}

const CONTAINERS = new Set(['moov', 'trak', 'edts', 'mdia', 'minf', 'stbl', 'mvex']);
/** Any other box may occur once per parent, because readers differ on which of two applies. */
const REPEATABLE = new Set(['trak', 'trex', 'free', 'skip', 'uuid', 'udta', 'sgpd', 'sbgp']);
const MAX_BOXES = 2_000;

/**
 * The boxes of a `moov` with its header. Null unless each fits its parent exactly and none occurs twice: readers
 * differ on anything else.
 */
export function readBoxTree(moov: Buffer): TreeBox | null {
  const [box, ...others] = readBoxes(moov, 0, moov.length, { left: MAX_BOXES }) ?? [];
  return box?.type === 'moov' && others.length === 0 ? box : null;
}

function readBoxes(
  bytes: Buffer,
  start: number,
  end: number,
  budget: { left: number },
): TreeBox[] | null {
  const boxes: TreeBox[] = [];
  for (let at = start; at < end; ) {
    const header = readBoxHeader(bytes, at, 0);
    budget.left -= 1;
    if (typeof header === 'string' || header.end > end || budget.left < 0) return null;
    const { type, end: boxEnd } = header;
    if (!REPEATABLE.has(type) && boxes.some((other) => other.type === type)) return null;
    const bodyStart = at + header.headerSize;
    const isContainer = CONTAINERS.has(type);
    const children = isContainer ? readBoxes(bytes, bodyStart, boxEnd, budget) : [];
    if (children === null) return null;
    boxes.push({ type, bodyStart, end: boxEnd, children });
    at = boxEnd;
  }
  return boxes;
}

/** The box at the end of `path`. */
export function boxAt(tree: TreeBox, ...path: string[]): TreeBox | undefined {
  return path.reduce<TreeBox | undefined>(
    (box, type) => box?.children.find((child) => child.type === type),
    tree,
  );
}
