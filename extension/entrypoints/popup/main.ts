import { mount } from '../../surface/mount.tsx';

void mount('popup');
