import { SaxesParser } from 'saxes';

/** Callbacks of an XML reader. Names come without their namespace prefix. */
export interface XmlVisitor {
  open(name: string, attributes: Record<string, string>): void;
  text(text: string): void;
  close(name: string): void;
}

/** Deeper nesting than any workbook has; each level costs memory. */
const MAX_DEPTH = 64;

/** Longest text or tag, in bytes of XML. A spreadsheet's cell holds at most 32,767 characters. */
const MAX_TOKEN_BYTES = 8 * 1024 * 1024;

/** XML that is not well formed, not UTF-8, or beyond what a workbook can hold. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

/**
 * Passes XML to a visitor, chunk by chunk, in constant memory; yields after each chunk, so that the visitor's results
 * can be collected. Entities other than XML's own five are errors, so nothing can expand.
 * @throws XmlError; whatever `chunks` throws.
 */
export async function* readXml(
  chunks: AsyncIterable<Buffer>,
  visitor: XmlVisitor,
): AsyncGenerator<void> {
  let tokenBytes = 0;
  const parser = createParser(visitor, () => {
    tokenBytes = 0;
  });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of chunks) {
    tokenBytes += chunk.length;
    asXmlErrors(() => parser.write(decoder.decode(chunk, { stream: true })));
    if (tokenBytes > MAX_TOKEN_BYTES) throw new XmlError('a text in it is endless');
    yield;
  }
  asXmlErrors(() => parser.write(decoder.decode()).close());
}

function createParser(
  visitor: XmlVisitor,
  onToken: () => void,
): SaxesParser<{ position: false; xmlns: false }> {
  const parser = new SaxesParser({ position: false, xmlns: false });
  let depth = 0;
  parser.on('opentag', ({ name, attributes }) => {
    onToken();
    depth += 1;
    if (depth > MAX_DEPTH) throw new XmlError('it is nested too deeply');
    visitor.open(localName(name), attributes);
  });
  parser.on('text', (text) => visitor.text(text));
  parser.on('cdata', (text) => visitor.text(text));
  parser.on('closetag', ({ name }) => {
    onToken();
    depth -= 1;
    visitor.close(localName(name));
  });
  return parser;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Turns the plain errors of decoder and parser into `XmlError`. */
function asXmlErrors(parse: () => void): void {
  try {
    parse();
  } catch (error) {
    if (error instanceof XmlError) throw error;
    throw new XmlError((error as Error).message.trim(), { cause: error });
  }
}
