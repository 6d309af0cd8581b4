import importlib.metadata
import sys


def main():
    print("hello", importlib.metadata.version("greeting"), *sys.argv[1:])
