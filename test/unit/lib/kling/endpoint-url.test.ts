import { expect, test } from 'vitest';
import { endpointUrl } from '../../../../src/lib/kling/endpoint-url.ts';

const PATH = '/v1/videos/multi-elements/init-selection';

test.each([
  ['https://api.cometapi.com/kling', `https://api.cometapi.com/kling${PATH}`],
  ['https://api.cometapi.com/kling///', `https://api.cometapi.com/kling${PATH}`],
  ['https://api.klingai.com', `https://api.klingai.com${PATH}`],
  ['https://api.klingai.com/', `https://api.klingai.com${PATH}`],
  [' http://127.0.0.1:8080/a/b/ ', `http://127.0.0.1:8080/a/b${PATH}`],
])('the base %j leads to %s', (baseUrl, url) => {
  expect(endpointUrl(baseUrl).href).toBe(url);
});

test.each([
  ['', 'http or https'],
  ['api.cometapi.com/kling', 'http or https'],
  ['ftp://api.cometapi.com', 'http or https'],
  ['https://me:hunter2@api.cometapi.com', 'user name or password'],
  ['https://api.cometapi.com/?key=hunter2', '"?" or "#"'],
  ['https://api.cometapi.com/#kling', '"?" or "#"'],
])('the base %j is refused without being quoted', (baseUrl, words) => {
  expect(() => endpointUrl(baseUrl)).toThrow(words);
  expect(() => endpointUrl(baseUrl)).not.toThrow('hunter2');
});
