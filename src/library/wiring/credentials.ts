import { type Authorizer, bearerAuthorizer } from '../../lib/kling/authorizer.ts';
import { klingJwtAuthorizer } from '../../lib/kling/jwt-authorizer.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { SettingsError } from '../errors/settings-error.ts';

export type CredentialSettings = Pick<
  Settings,
  'API_AUTH' | 'COMETAPI_KEY' | 'KLING_ACCESS_KEY' | 'KLING_SECRET_KEY'
>;

/** The missing settings as a sentence; null when calls can be authorized. */
export function findMissingCredentials(settings: CredentialSettings): string | null {
  switch (settings.API_AUTH) {
    case 'bearer':
      return settings.COMETAPI_KEY
        ? null
        : 'COMETAPI_KEY is not set. Put the key into the environment or into .env, or try the practice API with `run --sandbox`.';
    case 'kling-jwt': {
      const missing = (['KLING_ACCESS_KEY', 'KLING_SECRET_KEY'] as const).filter(
        (name) => !settings[name],
      );
      if (missing.length === 0) return null;
      const [are, them] = missing.length === 1 ? ['is', 'it'] : ['are', 'them'];
      return `API_AUTH is kling-jwt, but ${missing.join(' and ')} ${are} not set. Put ${them} into the environment or into .env.`;
    }
  }
}

/** For processes that call the API. @throws SettingsError when there are no credentials. */
export function requireCredentials(settings: CredentialSettings): Authorizer {
  const missing = findMissingCredentials(settings);
  if (missing !== null) throw new SettingsError(missing);
  const { COMETAPI_KEY = '', KLING_ACCESS_KEY = '', KLING_SECRET_KEY = '' } = settings;
  switch (settings.API_AUTH) {
    case 'bearer':
      return bearerAuthorizer(COMETAPI_KEY);
    case 'kling-jwt':
      return klingJwtAuthorizer(
        { accessKey: KLING_ACCESS_KEY, secretKey: KLING_SECRET_KEY },
        Date.now,
      );
  }
}
