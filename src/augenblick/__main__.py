"""`python -m augenblick`: the command of the same name."""

from augenblick.cli import main

if __name__ == "__main__":
    main()
