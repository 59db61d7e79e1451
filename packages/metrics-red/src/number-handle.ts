import { countFault, type FlatAttributes, type NumberPoint } from '@hashira/core'

/** One series of numbers. Made by a recorder's `handle`, kept by whoever records. */
abstract class NumberHandle {
  readonly attributes: FlatAttributes
  protected value = 0
  /** A series shows once something was recorded, not when its labels were resolved. */
  protected isTouched = false

  constructor(attributes: FlatAttributes) {
    this.attributes = attributes
  }

  snapshot(startTimeUnixMs: number): NumberPoint | undefined {
    return this.isTouched ? { attributes: this.attributes, startTimeUnixMs, value: this.value } : undefined
  }

  clear(): void {
    this.value = 0
    this.isTouched = false
  }
}

export class CounterSeries extends NumberHandle {
  add(amount: number): void {
    if (amount >= 0 && amount < Number.POSITIVE_INFINITY) {
      this.value += amount
      this.isTouched = true
    } else countFault('counter_value')
  }
}

export class UpDownCounterSeries extends NumberHandle {
  add(amount: number): void {
    if (Number.isFinite(amount)) {
      this.value += amount
      this.isTouched = true
    } else countFault('up_down_counter_value')
  }
}

export class GaugeSeries extends NumberHandle {
  set(value: number): void {
    if (typeof value === 'number' && !Number.isNaN(value)) {
      this.value = value
      this.isTouched = true
    } else countFault('gauge_value')
  }
}
