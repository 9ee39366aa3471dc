"""What a page of the operators' log costs as the log grows, and what watching costs the services.

python -m benchmarks.console [--events 10000000] [--keep FOLDER]
"""
