import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { Sha256 } from '@aws-crypto/sha256-js';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import {
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import ImageKit from '@imagekit/nodejs';
import { Mux } from '@mux/mux-node';
import { SignatureV4 } from '@smithy/signature-v4';
import { TosClient } from '@volcengine/tos-sdk';
import { v2 as cloudinary } from 'cloudinary';
import Cos from 'cos-nodejs-sdk-v5';
import qiniu from 'qiniu';

// The vendors' own packages sign here, offline and with keys that open nothing.
const require = createRequire(import.meta.url);
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/** Makes an address that ends at a time, in seconds since 1970. */
export type Sign = (endS: number) => string | Promise<string>;
const lifetime = (endS: number): number => endS - Math.floor(Date.now() / 1000);

export const aws: Sign = async (endS) => {
  const signer = new SignatureV4({
    service: 's3',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AK', secretAccessKey: 'SK', sessionToken: 'ST' },
    sha256: Sha256,
    uriEscapePath: false,
  });
  const hostname = 'b.s3.eu-west-1.amazonaws.com';
  const headers = { host: hostname };
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/v.mp4',
    headers,
    query: {},
  };
  const { query } = await signer.presign(request, { expiresIn: lifetime(endS) });
  return `https://${hostname}/v.mp4?${new URLSearchParams(query as Record<string, string>)}`;
};

export const google =
  (version: 'v2' | 'v4'): Sign =>
  async (endS) => {
    const credentials = { client_email: 'a@b.example', private_key: privateKey };
    const file = new Storage({ credentials, projectId: 'p' }).bucket('bucket').file('v.mp4');
    const [url] = await file.getSignedUrl({ version, action: 'read', expires: endS * 1000 });
    return url;
  };

export const azure: Sign = (endS) => {
  const credential = new StorageSharedKeyCredential(
    'account',
    Buffer.from('key').toString('base64'),
  );
  const what = {
    containerName: 'c',
    blobName: 'v.mp4',
    permissions: BlobSASPermissions.parse('r'),
  };
  const expiresOn = new Date(endS * 1000);
  const query = generateBlobSASQueryParameters({ ...what, expiresOn }, credential);
  return `https://account.blob.core.windows.net/c/v.mp4?${query}`;
};

export const oss =
  (isV4: boolean): Sign =>
  async (endS) => {
    const Oss = require('ali-oss');
    const keys = { accessKeyId: 'AK', accessKeySecret: 'SK', stsToken: 'ST' };
    const refresh = { refreshSTSToken: () => keys, refreshSTSTokenInterval: 3_600_000 };
    const client = new Oss({
      ...keys,
      ...refresh,
      region: 'oss-cn-hangzhou',
      bucket: 'bucket',
      authorizationV4: isV4,
      secure: true,
    });
    const seconds = lifetime(endS);
    return isV4
      ? await client.signatureUrlV4('GET', seconds, {}, 'v.mp4')
      : client.signatureUrl('v.mp4', { expires: seconds });
  };

export const cos: Sign = (endS) =>
  new Cos({ SecretId: 'AK', SecretKey: 'SK' }).getObjectUrl(
    {
      Bucket: 'b-1250000000',
      Region: 'ap-beijing',
      Key: 'v.mp4',
      Sign: true,
      Expires: lifetime(endS),
    },
    () => {},
  );

export const tos: Sign = (endS) =>
  new TosClient({
    ...{ accessKeyId: 'AK', accessKeySecret: 'SK', region: 'cn-beijing', bucket: 'bucket' },
    endpoint: 'tos-cn-beijing.volces.com',
  }).getPreSignedUrl({ method: 'GET', key: 'v.mp4', expires: lifetime(endS) });

export const qiniuDownload: Sign = (endS) => {
  const mac = new qiniu.auth.digest.Mac('AK', 'SK');
  const manager = new qiniu.rs.BucketManager(mac, new qiniu.conf.Config());
  return manager.privateDownloadUrl('https://q.example', 'v.mp4', endS);
};

export const bos =
  (lifetimeS?: number): Sign =>
  (endS) => {
    const { BosClient } = require('@baiducloud/sdk');
    const credentials = { ak: 'AK', sk: 'SK' };
    const client = new BosClient({ endpoint: 'https://bj.bcebos.com', credentials });
    const nowS = Date.now() / 1000;
    return client.generatePresignedUrl('bucket', 'v.mp4', nowS, lifetimeS ?? lifetime(endS));
  };

export const mux: Sign = async (endS) => {
  const jwtPrivateKey = Buffer.from(privateKey).toString('base64');
  const client = new Mux({ tokenId: 'a', tokenSecret: 'b', jwtSigningKey: 'k', jwtPrivateKey });
  const token = await client.jwt.signPlaybackId('id', { expiration: `${lifetime(endS)}s` });
  return `https://stream.mux.com/id/high.mp4?token=${token}`;
};

export const akamai = (options: object, method: string, argument: string, endS: number): string => {
  const EdgeAuth = require('akamai-edgeauth');
  return new EdgeAuth({ key: 'aabbccdd', endTime: endS, ...options })[method](argument);
};

/** HS256, for vendors that sign on their servers. */
export function jwt(claims: object): string {
  const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signature = createHmac('sha256', 'key').update(parts.join('.')).digest('base64url');
  return [...parts, signature].join('.');
}

export const cloudFront =
  (policy: object): Sign =>
  (endS) =>
    getSignedUrl({
      ...{ url: 'https://d.cloudfront.net/v.mp4', keyPairId: 'K', privateKey },
      ...{ dateLessThan: new Date(endS * 1000).toISOString(), ...policy },
    });

export const imgix: Sign = (endS) => {
  const Imgix = require('@imgix/js-core');
  const options = { domain: 'x.imgix.net', secureURLToken: 'key', includeLibraryParam: false };
  return new Imgix(options).buildURL('v.mp4', { w: 1280, expires: endS });
};

export const imageKit =
  (isForEver: boolean): Sign =>
  (endS) =>
    new ImageKit({ privateKey: 'key' }).helper.buildSrc({
      ...{ urlEndpoint: 'https://ik.imagekit.io/x', src: '/v.mp4', signed: true },
      ...(isForEver ? {} : { expiresIn: lifetime(endS) }),
    });

export const cloudinaryToken: Sign = (endS) =>
  cloudinary.url('v.mp4', {
    ...{ cloud_name: 'x', resource_type: 'video', type: 'authenticated', secure: true },
    ...{ sign_url: true, auth_token: { key: '00aabb', expiration: endS } },
  });

export const cloudinaryDownload: Sign = (endS) =>
  cloudinary.utils.private_download_url('v', 'mp4', {
    ...{ cloud_name: 'x', api_key: 'k', api_secret: 's', resource_type: 'video' },
    expires_at: endS,
  });
