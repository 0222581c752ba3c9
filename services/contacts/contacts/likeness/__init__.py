"""How likely it is that two people are one: what is compared, what each agreement weighs, who is compared at all."""
