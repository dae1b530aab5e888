"""Every write of assessments: publishing instruments, asking, answering, rating, and the trajectories that follow."""
