#!/usr/bin/env bash
# A signed address for which no lifetime was named lasts 5 minutes to 7 days, by SDK, also where the signature is the same.
#
# Packages: see the list below; all sign without asking their cloud, with dummy keys
# Guess:    15 minutes, as with AWS, or an hour; the same for all that sign the AWS way.
# Seen:     Huawei's lasts 5 minutes, less than a night's batch takes to reach it; minio's 7 days and aws4fetch's a day,
#           with AWS's own kind of signature. Where the end stands differs as well: as a moment, as a moment and a
#           length, as a pair of moments, or inside another value. (2026-11-28)
#> esdk-obs-nodejs 3.26.8                   300 s  Expires
#> cos-nodejs-sdk-v5 3.0.0                  900 s  q-sign-time
#> aws-sdk 2.1693.0 (us-east-1)             900 s  Expires
#> aws-sdk 2.1693.0 (eu-central-1)          900 s  X-Amz-Expires
#> @aws-sdk/s3-request-presigner 3.1169.0   900 s  X-Amz-Expires
#> ali-oss 6.23.0                          1800 s  Expires
#> @volcengine/tos-sdk 2.9.1               1800 s  X-Tos-Expires
#> @baiducloud/sdk 1.0.7                   1800 s  authorization
#> aws4fetch 1.0.20                       86400 s  X-Amz-Expires
#> minio 8.0.7                           604800 s  X-Amz-Expires
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . esdk-obs-nodejs@3.26.8 cos-nodejs-sdk-v5@3.0.0 \
  aws-sdk@2.1693.0 @aws-sdk/client-s3@3.1175.0 @aws-sdk/s3-request-presigner@3.1169.0 ali-oss@6.23.0 \
  @volcengine/tos-sdk@2.9.1 @baiducloud/sdk@1.0.7 aws4fetch@1.0.20 minio@8.0.7

cat >sign.cjs <<'JS'
const id = 'DUMMYDUMMYDUMMYDUMMY';
const secret = 'dummydummydummydummydummydummydummydummy';
const Bucket = 'bucket-1250000000';
const Key = 'clip.mp4';
const credentials = { accessKeyId: id, secretAccessKey: secret };

const signers = {
  async 'esdk-obs-nodejs 3.26.8'() {
    const Obs = require('esdk-obs-nodejs');
    const server = 'https://obs.cn-north-4.myhuaweicloud.com';
    const client = new Obs({ access_key_id: id, secret_access_key: secret, server });
    await new Promise(setImmediate); // before that it throws a TypeError
    return client.createSignedUrlSync({ Method: 'GET', Bucket, Key }).SignedUrl;
  },
  'cos-nodejs-sdk-v5 3.0.0'() {
    const Cos = require('cos-nodejs-sdk-v5');
    const client = new Cos({ SecretId: id, SecretKey: secret });
    return client.getObjectUrl({ Bucket, Key, Region: 'ap-guangzhou', Sign: true }, () => {});
  },
  'aws-sdk 2.1693.0 (us-east-1)'() {
    const { S3 } = require('aws-sdk');
    return new S3({ ...credentials, region: 'us-east-1' }).getSignedUrl('getObject', { Bucket, Key });
  },
  'aws-sdk 2.1693.0 (eu-central-1)'() {
    const { S3 } = require('aws-sdk');
    return new S3({ ...credentials, region: 'eu-central-1' }).getSignedUrl('getObject', { Bucket, Key });
  },
  '@aws-sdk/s3-request-presigner 3.1169.0'() {
    const { S3Client, GetObjectCommand } = require('@aws-sdk/client-s3');
    const { getSignedUrl } = require('@aws-sdk/s3-request-presigner');
    return getSignedUrl(new S3Client({ region: 'us-east-1', credentials }), new GetObjectCommand({ Bucket, Key }));
  },
  'ali-oss 6.23.0'() {
    const Oss = require('ali-oss');
    const options = { region: 'oss-cn-hangzhou', accessKeyId: id, accessKeySecret: secret, bucket: Bucket };
    return new Oss(options).signatureUrl(Key);
  },
  '@volcengine/tos-sdk 2.9.1'() {
    const { TosClient } = require('@volcengine/tos-sdk');
    const client = new TosClient({ accessKeyId: id, accessKeySecret: secret, region: 'cn-beijing' });
    return client.getPreSignedUrl({ bucket: Bucket, key: Key });
  },
  '@baiducloud/sdk 1.0.7'() {
    const { BosClient } = require('@baiducloud/sdk');
    const client = new BosClient({ endpoint: 'https://bj.bcebos.com', credentials: { ak: id, sk: secret } });
    return client.generatePresignedUrl(Bucket, Key);
  },
  async 'aws4fetch 1.0.20'() {
    const { AwsClient } = require('aws4fetch');
    const client = new AwsClient({ ...credentials, service: 's3', region: 'auto' });
    return (await client.sign(`https://${Bucket}.example.com/${Key}`, { aws: { signQuery: true } })).url;
  },
  'minio 8.0.7'() {
    const { Client } = require('minio');
    const client = new Client({ endPoint: 's3.example.com', accessKey: id, secretKey: secret, region: 'us-east-1' });
    return client.presignedGetObject(Bucket, Key);
  },
};

/** Which parameter tells the end, and how many seconds from now it is. */
function readEnd(url) {
  const nowS = Date.now() / 1000;
  const readers = [
    [/[?&](X-Amz-Expires|X-Tos-Expires)=(\d+)/, (seconds) => Number(seconds)],
    [/[?&](Expires)=(\d+)/, (seconds) => Number(seconds) - nowS],
    [/[?&](q-sign-time)=\d+(?:;|%3B)(\d+)/, (seconds) => Number(seconds) - nowS],
    [/[?&](authorization)=bce-auth-v1%2F[^%]+%2F[^%]+%3A[^%]+%3A[^%]+%2F(\d+)%2F/, (seconds) => Number(seconds)],
  ];
  for (const [pattern, secondsOf] of readers) {
    const [, name, value] = pattern.exec(url) ?? [];
    if (name) return { name, seconds: Math.round(secondsOf(value) / 10) * 10 };
  }
  return { name: url, seconds: '?' };
}

(async () => {
  for (const [words, sign] of Object.entries(signers)) {
    const { name, seconds } = readEnd(await sign());
    console.log(`${words.padEnd(38)}${String(seconds).padStart(6)} s  ${name}`);
  }
})();
JS
timeout 60 node sign.cjs 2>warnings | tee seen || cat warnings
sed -n 's/^#> //p' "$here" | diff - seen
