type RefusalCode = 'url_unsupported' | 'dns' | 'address_refused' | 'port_refused';

/** The guard refused an address. The message says what to do. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** An HTTP library may wrap what a `lookup` threw. */
export function findAddressRefused(error: unknown): AddressRefused | undefined {
  if (error instanceof AddressRefused) return error;
  return error instanceof Error ? findAddressRefused(error.cause) : undefined;
}
