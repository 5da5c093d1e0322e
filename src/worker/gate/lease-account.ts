/** This process's leases, one for each call that it makes. Totals since its start, as `LeaseRequest` has them. */
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

  /** Leases that no call uses. */
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

  /** Returns what no call uses; false when there is nothing. */
  returnSpare(): boolean {
    const { spare } = this;
    this.#returned += spare;
    return spare > 0;
  }
}
