// `tandem config`: what a configuration may say, and whether a file says it right.

import type { Command } from 'commander'
import { stringify } from 'yaml'
import { defaultConfig, loadConfig } from '../config/load.ts'
import { configJsonSchema } from '../config/schema.ts'

const EXAMPLES = `
Examples:
  ./tandem config show > market.yaml        the defaults, to start a file of your own from
  ./tandem config check market.yaml         say what is wrong with it, with line and key
  ./tandem config schema > tandem.schema.json
                                            for editors: completion and checking while you type
`

export function registerConfig(program: Command): void {
  const config = program
    .command('config')
    .summary('check a configuration file, or print what one may say')
    .description('Checks a configuration file, prints the one in force, or the JSON Schema for editors.')
    .addHelpText('after', EXAMPLES)
  config
    .command('show [file]')
    .description('print a configuration with its defaults filled in (without a file: the defaults alone)')
    .action((file: string | undefined) => {
      process.stdout.write(stringify(file === undefined ? defaultConfig() : loadConfig(file)))
    })
  config
    .command('check <file>')
    .description('say whether a file is right')
    .action((file: string) => {
      const { instruments } = loadConfig(file)
      process.stdout.write(`${file} is right: ${instruments.length} instruments\n`)
    })
  config
    .command('schema')
    .description('print the JSON Schema')
    .action(() => {
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`)
    })
}
