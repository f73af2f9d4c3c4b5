"""The licences of all libraries that are built into the program, as these ask for: each text once, with whose it is."""
from __future__ import annotations

import json
import pathlib
import subprocess
import sys

from .files import ROOT

NAMES = ("license", "licence", "copying", "notice", "copyright", "unlicense")


def libraries() -> list[dict]:
    """The packages that the program consists of, without those that only build or test it."""
    told = subprocess.run(["cargo", "metadata", "--locked", "--format-version=1", "--filter-platform=x86_64-unknown-linux-gnu"],
                          cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    metadata = json.loads(told)
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    found, ahead = set(), [metadata["resolve"]["root"]]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            normal = lambda dep: any(kind["kind"] is None for kind in dep["dep_kinds"])
            ahead += [dep["pkg"] for dep in nodes[one]["deps"] if normal(dep)]
    own = metadata["resolve"]["root"]
    return sorted((packages[one] for one in found - {own}), key=lambda package: (package["name"], package["version"]))


def texts(package: dict) -> list[str]:
    folder = pathlib.Path(package["manifest_path"]).parent
    files = [path for path in folder.iterdir() if path.is_file() and path.name.lower().startswith(NAMES)]
    return [path.read_text(errors="replace").strip() for path in sorted(files)]


def main() -> int:
    of_text: dict[str, list[str]] = {}
    for package in libraries():
        name = f"{package['name']} {package['version']} ({package['license']})"
        for text in texts(package) or ["(no text; the licence's own holds, by its name)"]:
            of_text.setdefault(text, []).append(name)
    rule = "=" * 79
    print("The program consists of these libraries, too, under these licences.")
    for text, names in of_text.items():
        print(f"\n{rule}\n" + "\n".join(names) + f"\n{rule}\n\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
