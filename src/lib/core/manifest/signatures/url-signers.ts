import { readHashed } from './read-hashed.ts';
import type { Signature, SignedAddress } from './signature.ts';
import {
  after,
  claimsOf,
  earliest,
  hexSecondsToMs,
  isHex,
  isoToMs,
  policyEnd,
  secondsToMs,
  tildeEnd,
} from './signature-times.ts';

/** One vendor's way of signing addresses. */
export interface Signer {
  name: string;
  /** One of these occurs in every address that is signed this way. Checked first, because parsing takes longer. */
  marks: {
    /** Names of parameters, in lower case. */
    parameters?: readonly string[];
    /** Anywhere in the address, in any case. Parts of regular expressions. */
    words?: readonly string[];
  };
  /**
   * The names of the parameters alone decide whether an address is signed this way, and only parameters are left out.
   */
  isByName?: true;
  /** Null when the address is not certainly signed in this way. */
  read: (address: SignedAddress) => Signature | null;
}

/** The known signers. */
export const SIGNERS: readonly Signer[] = [
  fromDate('AWS 4', 'x-amz', ['content-sha256']),
  fromDate('Google Cloud Storage V4', 'x-goog', []),
  fromDate('Alibaba OSS V4', 'x-oss', ['signature-version', 'additional-headers']),
  fromDate('Volcengine TOS', 'x-tos', ['content-sha256', 'signedqueries', 'policy']),
  {
    name: 'AWS 2, Google V2, OSS V1, Huawei OBS, CloudFront with a canned policy, Google Cloud CDN',
    marks: { parameters: ['signature'] },
    isByName: true,
    read: ({ query }) =>
      query.has('signature') && query.has('expires')
        ? {
            endsAtMs: secondsToMs(query.get('expires')),
            parameters: [
              ...['expires', 'signature', 'awsaccesskeyid', 'googleaccessid', 'ossaccesskeyid'],
              ...['accesskeyid', 'key-pair-id', 'keyname', 'urlprefix'],
              ...['security-token', 'x-amz-security-token', 'x-obs-security-token'],
            ],
          }
        : null,
  },
  {
    name: 'CloudFront with a custom policy',
    marks: { parameters: ['policy'] },
    isByName: true,
    read: ({ query }) =>
      query.has('policy') && query.has('key-pair-id')
        ? {
            endsAtMs: policyEnd(query.get('policy')),
            parameters: ['policy', 'signature', 'key-pair-id'],
          }
        : null,
  },
  {
    name: 'Azure shared access signature',
    marks: { parameters: ['se'] },
    isByName: true,
    read: ({ query }) =>
      query.has('sig') && query.has('se')
        ? {
            // The key of a delegation may expire before the signature made with it.
            endsAtMs: earliest([isoToMs(query.get('se')), isoToMs(query.get('ske'))]),
            parameters: [
              ...[
                'sig',
                'se',
                'sv',
                'ss',
                'srt',
                'sp',
                'st',
                'spr',
                'sip',
                'sr',
                'si',
                'sdd',
                'ses',
              ],
              ...['skoid', 'sktid', 'skt', 'ske', 'sks', 'skv', 'saoid', 'suoid', 'scid'],
            ],
          }
        : null,
  },
  { name: 'Tencent COS', marks: { parameters: ['sign', 'q-signature'] }, read: readTencentCos },
  {
    name: 'Qiniu',
    marks: { parameters: ['e'] },
    read: ({ query }) =>
      query.has('e') && /^[\w-]+:[\w-]+=*$/.test(query.get('token') ?? '')
        ? { endsAtMs: secondsToMs(query.get('e')), parameters: ['e', 'token'] }
        : null,
  },
  { name: 'Baidu BOS', marks: { parameters: ['authorization'] }, read: readBaiduBos },
  {
    name: 'Supabase, Mux',
    marks: { parameters: ['token'] },
    read: ({ host, path, query }) => {
      const claims = claimsOf(query.get('token'));
      const isNamed =
        /(^|\.)mux\.com$/.test(host) || path.includes('/storage/v1/') || isVideo(path);
      return claims && { endsAtMs: claims.endsAtMs, parameters: isNamed ? ['token'] : [] };
    },
  },
  {
    name: 'Cloudflare Stream',
    marks: { words: ['cloudflarestream', 'videodelivery'] },
    read: readCloudflareStream,
  },
  { name: 'Bunny', marks: { parameters: ['token'], words: ['bcdn_token'] }, read: readBunny },
  {
    name: 'imgix',
    marks: { parameters: ['s'] },
    read: ({ query }) =>
      query.has('expires') && isHex(query.get('s'), 32)
        ? { endsAtMs: secondsToMs(query.get('expires')), parameters: ['expires', 's'] }
        : null,
  },
  {
    name: 'ImageKit',
    marks: { parameters: ['ik-s'] },
    read: ({ query }) =>
      isHex(query.get('ik-s'), 40)
        ? { endsAtMs: imageKitEnd(query.get('ik-t')), parameters: ['ik-t', 'ik-s'] }
        : null,
  },
  {
    name: 'Cloudinary, private download',
    marks: { parameters: ['api_key'] },
    read: ({ query }) =>
      query.has('api_key') && isHex(query.get('signature'), 40, 64)
        ? {
            endsAtMs: secondsToMs(query.get('expires_at')),
            parameters: ['signature', 'api_key', 'timestamp', 'expires_at'],
          }
        : null,
  },
  { name: 'Akamai, Cloudinary', marks: { words: ['hmac=', 'hmac%3d'] }, read: readTildes },
  {
    name: 'Discord',
    marks: { parameters: ['hm'] },
    read: ({ query }) =>
      isHex(query.get('hm'), 64) && isHex(query.get('ex'), 8)
        ? { endsAtMs: hexSecondsToMs(query.get('ex')), parameters: ['ex', 'is', 'hm'] }
        : null,
  },
  {
    name: 'TikTok',
    marks: { parameters: ['x-signature'] },
    isByName: true,
    read: ({ query }) =>
      query.has('x-signature') && query.has('x-expires')
        ? {
            endsAtMs: secondsToMs(query.get('x-expires')),
            parameters: ['x-expires', 'x-signature', 'x-auth-key'],
          }
        : null,
  },
  { name: 'googlevideo', marks: { words: ['googlevideo'] }, read: readGooglevideo },
  {
    name: 'Instagram, Facebook',
    marks: { parameters: ['oh'] },
    read: ({ query }) =>
      query.has('oh') && isHex(query.get('oe'), 8)
        ? {
            endsAtMs: hexSecondsToMs(query.get('oe')),
            parameters: [
              'oh',
              'oe',
              ...[...query.keys()].filter((name) => name.startsWith('_nc_')),
            ],
          }
        : null,
  },
  {
    name: 'Alibaba CDN, Tencent CDN, EdgeOne and VOD',
    marks: { parameters: ['auth_key', 'sign', 'token'] },
    read: readHashed,
  },
];

/** AWS' way, which others have adopted: a date and a lifetime in seconds, with a common prefix. */
function fromDate(name: string, prefix: string, others: readonly string[]): Signer {
  const common = ['algorithm', 'credential', 'date', 'expires', 'signedheaders', 'signature'];
  const parameters = [...common, 'security-token', ...others].map((part) => `${prefix}-${part}`);
  const [dateName, lifetimeName] = [`${prefix}-date`, `${prefix}-expires`];
  return {
    name,
    marks: { parameters: [dateName] },
    isByName: true,
    read: ({ query }) => {
      const [date, lifetimeS] = [query.get(dateName), query.get(lifetimeName)];
      return date === undefined || lifetimeS === undefined
        ? null
        : { endsAtMs: after(date, lifetimeS), parameters };
    },
  };
}

const COS_PARAMETERS = ['sign-algorithm', 'ak', 'sign-time', 'key-time', 'header-list'];

/** Signature and key have a time each, `start;end`. An older form packs everything into a parameter `sign`. */
function readTencentCos({ query }: SignedAddress): Signature | null {
  const packed = new URLSearchParams(query.get('sign') ?? '');
  const isPacked = packed.has('q-signature');
  const signed = isPacked ? new Map(packed) : query;
  const times = ['q-sign-time', 'q-key-time'].map((name) => signed.get(name));
  if (!signed.has('q-signature') || times.includes(undefined)) return null;
  return {
    endsAtMs: earliest(times.map((time = '') => secondsToMs(/^\d+;(\d+)$/.exec(time)?.[1]))),
    parameters: [
      ...(isPacked
        ? ['sign']
        : [...COS_PARAMETERS, 'url-param-list', 'signature'].map((part) => `q-${part}`)),
      'x-cos-security-token',
    ],
  };
}

/** `bce-auth-v1/{key}/{date}/{seconds}/{headers}/{signature}`; -1 seconds means for ever. */
function readBaiduBos({ query }: SignedAddress): Signature | null {
  const [scheme, , date = '', lifetimeS = ''] = query.get('authorization')?.split('/') ?? [];
  return scheme === 'bce-auth-v1'
    ? {
        endsAtMs: after(date.replace(/[-:]/g, ''), lifetimeS),
        parameters: ['authorization', 'x-bce-security-token'],
      }
    : null;
}

const STREAM_HOST = /(^|\.)(cloudflarestream\.com|videodelivery\.net)$/;

/** The token replaces the video's id of an unsigned address, and names that id as its subject. */
function readCloudflareStream({ host, path }: SignedAddress): Signature | null {
  if (!STREAM_HOST.test(host)) return null;
  const token = path.split('/', 2)[1] ?? '';
  const claims = claimsOf(token);
  return (
    claims && {
      endsAtMs: claims.endsAtMs,
      parameters: [],
      path: path.replace(token, claims.subject ?? token),
    }
  );
}

/** With other vendors a token may be the only thing that distinguishes two videos. */
const isVideo = (path: string): boolean => /\.(mp4|m4v|mov|webm|mkv|m3u8|ts)$/i.test(path);

const BUNNY_PARAMETERS = [
  ...['token', 'expires', 'token_path'],
  ...['token_countries', 'token_countries_blocked', 'limit'],
];

/** After `?`, or as the first part of the path, so that a playlist's parts inherit it. */
function readBunny({ path, query }: SignedAddress): Signature | null {
  const isInPath = path.startsWith('/bcdn_token=');
  const first = isInPath ? (path.split('/', 2)[1] ?? '') : '';
  const signed = isInPath ? new Map(new URLSearchParams(first)) : query;
  const token = signed.get(isInPath ? 'bcdn_token' : 'token') ?? '';
  if (!/^(HS256-)?[\w-]{20,90}$/.test(token) || !signed.has('expires')) return null;
  const endsAtMs = secondsToMs(signed.get('expires'));
  return isInPath
    ? { endsAtMs, parameters: [], path: path.slice(1 + first.length) }
    : {
        endsAtMs,
        parameters: isVideo(path) ? BUNNY_PARAMETERS : [],
      };
}

/** Their SDKs write this when no end is requested. */
const imageKitEnd = (seconds: string | undefined): number | null =>
  seconds === '9999999999' ? null : secondsToMs(seconds);

/** `exp=…~acl=…~hmac=…`: the value of a parameter whose name each customer chooses, or a part of the path. */
function readTildes({ path, query }: SignedAddress): Signature | null {
  for (const [name, value] of query) {
    const endsAtMs = tildeEnd(value);
    // `_a` is information that Cloudinary's SDKs add about themselves.
    if (endsAtMs !== undefined) return { endsAtMs, parameters: [name, '_a'] };
  }
  if (!path.includes('~')) return null;
  // It may contain a list of paths, and so a slash.
  const [part, value = ''] = /^\/(?:\w+=)?(\w+=[^?]*~hmac=[\da-f]+)(?=\/)/i.exec(path) ?? [];
  const endsAtMs = tildeEnd(value);
  return part === undefined || endsAtMs === undefined
    ? null
    : { endsAtMs, parameters: [], path: path.slice(part.length) };
}

/** In such an address, only these name the video and its form. */
const GOOGLEVIDEO_IDENTITY = ['id', 'itag', 'mime', 'clen', 'lmt'];

/** Parameters follow `?`, or are pairs of parts of the path. */
function readGooglevideo({ host, path, query }: SignedAddress): Signature | null {
  if (!/(^|\.)googlevideo\.com$/.test(host)) return null;
  const parts = path.split('/').slice(2);
  const pairs = parts.flatMap((part, at) => (at % 2 === 0 ? [[part, parts[at + 1] ?? '']] : []));
  const signed = new Map([...query, ...(pairs as [string, string][])]);
  if (!signed.has('expire') || !['sig', 'lsig', 'signature'].some((name) => signed.has(name))) {
    return null;
  }
  const kept = pairs.filter(([name = '']) => GOOGLEVIDEO_IDENTITY.includes(name));
  return {
    endsAtMs: secondsToMs(signed.get('expire')),
    parameters: [...query.keys()].filter((name) => !GOOGLEVIDEO_IDENTITY.includes(name)),
    path: ['', path.split('/')[1], ...kept.flat()].join('/'),
  };
}
