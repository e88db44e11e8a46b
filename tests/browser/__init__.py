"""Tests in a real browser.

A package, unlike the other folders of tests, so that its fixtures can end with it: while Playwright runs,
this thread has a running event loop, and tests elsewhere that start one of their own would fail.
"""
