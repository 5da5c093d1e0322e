/** The leases of this process, one for each call under way. Totals since its start, in the form of `LeaseRequest`. */
export class LeaseAccount {
  #given = 0;
  #returned = 0;
  #inUse = 0;

  get given(): number {
    return this.#given;
  }

  get returned(): number {
    return this.#returned;
  }

  /** Leases without a call. */
  get spare(): number {
    return this.#given - this.#returned - this.#inUse;
  }

  get inUse(): number {
    return this.#inUse;
  }

  hearGiven(given: number): void {
    this.#given = Math.max(this.#given, given);
  }

  use(): void {
    this.#inUse += 1;
  }

  return(): void {
    this.#inUse -= 1;
    this.#returned += 1;
  }

  /** Returns unused leases; false when there are none. */
  returnSpare(): boolean {
    const { spare } = this;
    this.#returned += spare;
    return spare > 0;
  }
}
