"""The catalogue in the words of Open Referral HSDS 3.0 (https://docs.openreferral.org): read and written.

`service`, `organisation`, `places`, `times` and `words` map the standard's fields to ours and back; `shapes`
takes documents apart and puts them together; `tables`, `writing` and `reading` keep what the read API tells.
"""
