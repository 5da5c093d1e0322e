/**
 * The settings that the library uses; docs/operations.md describes them. The others concern the program's own
 * processes.
 */
export type SettingName =
  | 'API_AUTH'
  | 'API_BASE_URL'
  | 'API_CONCURRENCY'
  | 'API_RATE_PER_SECOND'
  | 'API_TIMEOUT'
  | 'COMETAPI_KEY'
  | 'FFPROBE_PATH'
  | 'GATE_PAUSE'
  | 'HTTPS_PROXY'
  | 'HTTP_PROXY'
  | 'KLING_ACCESS_KEY'
  | 'KLING_SECRET_KEY'
  | 'MANIFEST_ALLOW_HOSTS'
  | 'MANIFEST_FOLDERS'
  | 'MAX_ATTEMPTS'
  | 'MAX_UNCONFIRMED'
  | 'NOTIFY_ALLOW_HOSTS'
  | 'NOTIFY_FORMAT'
  | 'NOTIFY_ROWS'
  | 'NOTIFY_SECRET'
  | 'NOTIFY_URL'
  | 'NO_PROXY'
  | 'PROBE_ALLOW_HOSTS'
  | 'PROBE_CONCURRENCY'
  | 'PROBE_MAX_BYTES'
  | 'PROBE_MEMORY_BYTES'
  | 'PROBE_TIMEOUT'
  | 'REDIS_CA_FILE'
  | 'REDIS_CERT_FILE'
  | 'REDIS_KEY_FILE'
  | 'REDIS_KEY_SPACE'
  | 'REDIS_URL'
  | 'REPORT_ALLOW_HOSTS'
  | 'REPORT_FOLDERS'
  | 'RESULTS_DATABASE_SCHEMA'
  | 'RESULTS_DATABASE_URL'
  | 'RETENTION'
  | 'RETRY_PAUSE'
  | 'ROW_DEADLINE'
  | 'SEND_TASK_ID'
  | 'SESSIONS_PER_DAY'
  | 'SESSIONS_TIME_ZONE'
  | 'SHUTDOWN_GRACE'
  | 'THROTTLE_LIMIT'
  | 'THROTTLE_PAUSE';

/**
 * Settings by the names that they have in the environment, each as text or as a number; absent, undefined or `''` for
 * the default. Other names are ignored, so `process.env` can be given.
 */
export type SettingsInput = { readonly [Name in SettingName]?: string | number | undefined };
