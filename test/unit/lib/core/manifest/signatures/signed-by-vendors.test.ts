import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  expiresAtOfUrl,
  urlWithoutSignature,
} from '../../../../../../src/lib/core/manifest/signatures/url-expiry.ts';
import {
  akamai,
  aws,
  azure,
  bos,
  cloudFront,
  cloudinaryDownload,
  cloudinaryToken,
  cos,
  google,
  imageKit,
  imgix,
  jwt,
  mux,
  oss,
  qiniuDownload,
  type Sign,
  tos,
} from './vendor-signers.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const END = '2026-01-01T01:00:00.000Z';
const END_S = Date.parse(END) / 1000;
const hex = (length: number): string => 'ab12'.repeat(length / 4);

const SIGNED: [vendor: string, sign: Sign, end: string | null, identity: string][] = [
  ['AWS 4', aws, END, 'https://b.s3.eu-west-1.amazonaws.com/v.mp4'],
  ['Google Cloud Storage V4', google('v4'), END, 'https://storage.googleapis.com/bucket/v.mp4'],
  ['Google Cloud Storage V2', google('v2'), END, 'https://storage.googleapis.com/bucket/v.mp4'],
  ['CloudFront, canned policy', cloudFront({}), END, 'https://d.cloudfront.net/v.mp4'],
  [
    'CloudFront, custom policy',
    cloudFront({ ipAddress: '192.0.2.0/24' }),
    END,
    'https://d.cloudfront.net/v.mp4',
  ],
  ['Azure', azure, END, 'https://account.blob.core.windows.net/c/v.mp4'],
  ['Alibaba OSS V4', oss(true), END, 'https://bucket.oss-cn-hangzhou.aliyuncs.com/v.mp4'],
  ['Alibaba OSS V1', oss(false), END, 'https://bucket.oss-cn-hangzhou.aliyuncs.com/v.mp4'],
  [
    'Tencent COS, whose SDK signs from a second ago',
    cos,
    '2026-01-01T00:59:59.000Z',
    'https://b-1250000000.cos.ap-beijing.myqcloud.com/v.mp4',
  ],
  ['Volcengine TOS', tos, END, 'https://bucket.tos-cn-beijing.volces.com/v.mp4'],
  ['Qiniu', qiniuDownload, END, 'https://q.example/v.mp4'],
  ['Baidu BOS', bos(), END, 'https://bucket.bj.bcebos.com/v1/v.mp4'],
  ['Baidu BOS, for ever', bos(-1), null, 'https://bucket.bj.bcebos.com/v1/v.mp4'],
  ['Mux', mux, END, 'https://stream.mux.com/id/high.mp4'],
  ['imgix', imgix, END, 'https://x.imgix.net/v.mp4?w=1280'],
  ['ImageKit', imageKit(false), END, 'https://ik.imagekit.io/x/v.mp4'],
  ['ImageKit, for ever', imageKit(true), null, 'https://ik.imagekit.io/x/v.mp4'],
  [
    'Cloudinary, token',
    cloudinaryToken,
    END,
    'https://res.cloudinary.com/x/video/authenticated/v.mp4',
  ],
  [
    'Cloudinary, private download',
    cloudinaryDownload,
    END,
    'https://api.cloudinary.com/v1_1/x/video/download?public_id=v&format=mp4',
  ],
  [
    'Akamai, by path',
    (endS) => `https://a.example/v.mp4?hdnts=${akamai({}, 'generateURLToken', '/v.mp4', endS)}`,
    END,
    'https://a.example/v.mp4',
  ],
  [
    'Akamai, by list, in the path',
    (endS) =>
      `https://a.example/hdntl=${akamai({ escapeEarly: true }, 'generateACLToken', '/*', endS)}/v.mp4`,
    END,
    'https://a.example/v.mp4',
  ],
  [
    'Supabase',
    (endS) =>
      `https://p.supabase.co/storage/v1/object/sign/b/v.mp4?token=${jwt({ url: 'b/v.mp4', exp: endS })}`,
    END,
    'https://p.supabase.co/storage/v1/object/sign/b/v.mp4',
  ],
  [
    'Cloudflare Stream',
    (endS) =>
      `https://customer-x.cloudflarestream.com/${jwt({ sub: 'abc123', exp: endS })}/downloads/default.mp4`,
    END,
    'https://customer-x.cloudflarestream.com/abc123/downloads/default.mp4',
  ],
  [
    'Bunny',
    (endS) => `https://x.b-cdn.net/v.mp4?token=${hex(40)}abc&expires=${endS}&token_path=%2F`,
    END,
    'https://x.b-cdn.net/v.mp4',
  ],
  [
    'Bunny, in the path',
    (endS) =>
      `https://x.b-cdn.net/bcdn_token=HS256-${hex(40)}&expires=${endS}&token_path=%2F/v.mp4`,
    END,
    'https://x.b-cdn.net/v.mp4',
  ],
  [
    'Discord',
    (endS) =>
      `https://cdn.discordapp.com/attachments/1/2/v.mp4?ex=${endS.toString(16)}&is=6955b900&hm=${hex(64)}`,
    END,
    'https://cdn.discordapp.com/attachments/1/2/v.mp4',
  ],
  [
    'TikTok',
    (endS) =>
      `https://v16.tiktokcdn.com/abc/v.mp4?x-expires=${endS}&x-signature=a%2Bb%3D&mime_type=video_mp4`,
    END,
    'https://v16.tiktokcdn.com/abc/v.mp4?mime_type=video_mp4',
  ],
  [
    'googlevideo',
    (endS) =>
      `https://r1.googlevideo.com/videoplayback?expire=${endS}&ei=x&id=o-1&itag=22&sparams=expire&sig=AB`,
    END,
    'https://r1.googlevideo.com/videoplayback?id=o-1&itag=22',
  ],
  [
    'googlevideo, in the path',
    (endS) => `https://r1.googlevideo.com/videoplayback/expire/${endS}/id/o-1/itag/22/sig/AB/file`,
    END,
    'https://r1.googlevideo.com/videoplayback/id/o-1/itag/22',
  ],
  [
    'Instagram',
    (endS) =>
      `https://scontent.cdninstagram.com/o1/v/t16/f2/m86/v.mp4?stp=dst-mp4&_nc_cat=1&_nc_ohc=q&oh=00_Aa&oe=${endS.toString(16).toUpperCase()}`,
    END,
    'https://scontent.cdninstagram.com/o1/v/t16/f2/m86/v.mp4?stp=dst-mp4',
  ],
];

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

test.each(SIGNED)(
  'an address signed by %s shows its end, and what stays when it is signed again',
  async (...row) => {
    const [, sign, end, identity] = row;
    const url = await sign(END_S);
    const endsAtMs = expiresAtOfUrl(url);
    expect(endsAtMs === null ? null : new Date(endsAtMs).toISOString(), url).toBe(end);
    expect(urlWithoutSignature(url)).toBe(identity);
    vi.setSystemTime(NOW.getTime() + 60_000);
    expect(urlWithoutSignature(await sign(END_S + 120))).toBe(identity);
  },
);
