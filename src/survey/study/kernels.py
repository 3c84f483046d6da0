"""Starting kernels: forked from one process that has imported everything where that can be (Linux), else one by one."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["FORKING", "Kernels", "one_thread", "surroundings"]

FORKING = sys.platform == "linux" and hasattr(os, "pidfd_open")
"""Whether kernels can be forked here."""

_LONGEST = 90  # of the path of a socket: the system allows 107 and Jupyter adds to it
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


def surroundings(settings: Path) -> dict[str, str]:
    """The same for every kernel on every machine: no settings of the user's, no debugger's notices, one hash seed."""
    own = {
        "IPYTHONDIR": os.path.abspath(settings),
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": os.environ.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline",
    }
    return {**os.environ, **one_thread(), **own}


def one_thread() -> dict[str, str]:
    """Variables that keep linear algebra in one thread, unless the user has said otherwise.

    The matrices are small, and threads that wait for each other cost five times the time.
    """
    return {name: os.environ.get(name, "1") for name in _ONE_THREAD}


class Kernels:
    """Gives each notebook a kernel manager, and ends all kernels at once.

    Parameters
    ----------
    settings : Path
        Folder for what kernels keep of their own: settings, connection files.
    fork : bool
        Whether to try a server of kernels; without one each kernel is a process that imports all it needs.
    """

    def __init__(self, settings: Path, *, fork: bool = True) -> None:
        self.settings = Path(os.path.abspath(settings))
        self._fork = fork and FORKING
        self._server: _Server | None = None
        self._lock = threading.Lock()
        self._managers: list[Any] = []
        self._stopped = False

    def warm_up(self) -> None:
        """Start the server, so that it imports while others do."""
        with self._lock:
            self.settings.mkdir(parents=True, exist_ok=True)
            if self._fork and self._server is None and not self._stopped:
                self._server = _Server.started(self.settings)

    def manager(self, name: str) -> Any:
        """A manager of a kernel for one notebook, not started yet."""
        from jupyter_client.manager import AsyncKernelManager

        self.warm_up()
        path = self.settings / f"kernel-{name}.json"
        path.unlink(missing_ok=True)
        manager = AsyncKernelManager(kernel_name="python3", connection_file=str(path))
        if sys.platform == "linux" and len(str(path)) <= _LONGEST:
            manager.transport = "ipc"  # sockets are files of this run: no other program can take their ports
            manager.ip = str(path.with_suffix(""))
        if self._server is not None and _is_ours(manager.kernel_spec):
            manager.provisioner = _provisioner(self._server, manager)
        with self._lock:
            self._managers.append(manager)
        return manager

    @property
    def stopped(self) -> bool:
        """Whether all kernels were told to end."""
        return self._stopped

    def stop(self) -> None:
        """End every kernel that still runs, whatever it does."""
        self._stopped = True
        with self._lock:
            managers, self._managers = self._managers, []
            server, self._server = self._server, None
        for manager in managers:
            process = getattr(getattr(manager, "provisioner", None), "process", None)
            if process is not None:
                _end(process)
        if server is not None:
            server.stop()
        shutil.rmtree(self.settings, ignore_errors=True)


def _end(process: Any) -> None:
    with suppress(OSError):
        if hasattr(os, "killpg") and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.kill()


def _is_ours(spec: Any) -> bool:
    """Whether the kernel "python3" is this Python, and not another that the user has registered under the name."""
    usual = ("python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    return "ipykernel_launcher" in spec.argv and not spec.env and spec.argv[0] in (*usual, sys.executable)


class _Server:
    """The process that forks kernels."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lock = threading.Lock()
        self._ready = False

    @classmethod
    def started(cls, settings: Path) -> _Server | None:
        try:
            return cls(
                subprocess.Popen(
                    [sys.executable, "-m", "survey.study.kernel_server"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env=surroundings(settings),
                    start_new_session=True,
                )
            )
        except OSError:
            return None

    def fork(self, arguments: list[str], folder: str, environment: Mapping[str, str]) -> _Forked | None:
        """A new kernel; None where the server or the system refuses."""
        told = {"arguments": arguments, "folder": folder, "environment": dict(environment)}
        source, target = self._process.stdout, self._process.stdin
        if source is None or target is None:
            return None
        with self._lock:
            try:
                if not self._ready and source.readline().strip() != "ready":
                    return None
                self._ready = True
                target.write(json.dumps(told) + "\n")
                target.flush()
                return _Forked(int(source.readline()))
            except (OSError, ValueError):
                return None

    def stop(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError, AttributeError):
                stream.close()  # type: ignore[union-attr]
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1 if self._ready else 0)
        _end(self._process)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)


class _Forked:
    """A process that is no child of this one, with what `subprocess.Popen` has of it."""

    stdout = stderr = stdin = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._handle = os.pidfd_open(pid)  # type: ignore[attr-defined,unused-ignore]
        self._seen = select.poll()
        self._seen.register(self._handle, select.POLLIN)

    def poll(self) -> int | None:
        if self.returncode is None and self._seen.poll(0):
            self._over()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not self._seen.poll(None if timeout is None else 1000 * timeout):
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            self._over()
        return 0

    def _over(self) -> None:
        self.returncode = 0
        with suppress(OSError):
            os.close(self._handle)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def _provisioner(server: _Server, manager: Any) -> Any:
    """What starts and ends the kernel of a manager, by the server."""
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    class Forking(LocalProvisioner):  # type: ignore[misc,unused-ignore]
        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
            own = cmd[cmd.index("ipykernel_launcher") + 1 :]
            process = server.fork(own, os.fspath(kwargs.get("cwd") or os.getcwd()), kwargs.get("env") or os.environ)
            if process is None:
                return await super().launch_kernel(cmd, **kwargs)
            self.process = process  # type: ignore[assignment]
            self.pid = self.pgid = process.pid
            self.cwd = kwargs.get("cwd", Path.cwd())
            return self.connection_info

    return Forking(kernel_id=manager.kernel_id, kernel_spec=manager.kernel_spec, parent=manager)
