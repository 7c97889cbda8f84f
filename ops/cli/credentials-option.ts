// The option of every command that talks to a NATS server: who it is there.

import { Option } from 'commander'

export function credentialsOption(): Option {
  return new Option('--credentials <file>', 'who this is to the NATS server').env('TANDEM_CREDENTIALS')
}
