// One of a few, as a row of small buttons: what a panel shows.

export function Choice<Option extends string | number>(props: {
  name: string
  options: readonly Option[]
  chosen: Option
  label: (option: Option) => string
  onChoose: (option: Option) => void
}) {
  return (
    <div class="choice" role="radiogroup" aria-label={props.name}>
      {props.options.map((option) => (
        <button
          key={option}
          type="button"
          role="radio"
          aria-checked={props.chosen === option}
          onClick={() => props.onChoose(option)}
        >
          {props.label(option)}
        </button>
      ))}
    </div>
  )
}
